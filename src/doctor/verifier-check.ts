/**
 * Before the first step: a task must accept the answer that it gives as right, and refuse an empty response. One that does not
 * teaches nothing, or the wrong thing, and nothing else would say so.
 */

import { percent } from '../measures/format.ts'
import type { AskedQuestion, Question } from '../tasks/task.ts'
import type { Finding } from './rule.ts'

const QUESTIONS = 8

const EMPTY = ['', '<think> </think> <answer> </answer>', '<think> </think>']

/** A right answer as each of the published forms has it; the task is to accept one of them. */
const goldResponses = ({ answer }: Question): string[] => [
  `<think> so </think> <answer> ${answer} </answer>`,
  `<think> so </think> <answer>${answer}</answer>`,
  `<think>\nso\n</think>\n\n${answer}`,
  `<think>\nso\n</think>\n\n\\boxed{${answer}}`,
]

/**
 * Countdown's rows without a solution have their target there, which is no answer; and a judge, which decides free answers, is not
 * asked before the run wants it.
 */
const hasAnswer = ({ answer, data, kind }: Question) =>
  answer !== '' && kind !== 'free' && String(data?.target) !== answer

/** Looks at the first few questions; those without an answer, which tests or nobody judges, are passed over. */
export async function checkVerifier(question: (index: number) => AskedQuestion): Promise<Finding[]> {
  const asked = Array.from({ length: QUESTIONS }, (_, i) => question(i)).filter(({ question }) =>
    hasAnswer(question),
  )
  const verdicts = await Promise.all(
    asked.map(async (about) => ({
      ...about,
      gold: await accepts(about, goldResponses(about.question)),
      empty: await accepts(about, EMPTY),
    })),
  )
  const refused = verdicts.filter(({ gold }) => !gold)
  const empty = verdicts.find((verdict) => verdict.empty)
  const found = { rule: 'verifier', measure: 'accuracy', step: 0 }
  if (empty !== undefined)
    return [
      {
        ...found,
        title: 'the verifier accepts an empty response',
        evidence: `verify gives an empty response to question ${empty.question.id} as right.`,
        cause: 'It compares with an empty text, or tests nothing.',
        remedy: 'Let verify refuse a response from which it cannot read an answer.',
      },
    ]
  if (refused.length <= asked.length / 2) return []
  const { id, answer } = refused[0]!.question
  return [
    {
      ...found,
      title: 'the verifier refuses its own reference answers',
      evidence: `verify refuses the answers of ${percent(refused.length / asked.length, 0)} of the first ${asked.length} questions, such as ${JSON.stringify(answer)} to question ${id}, in <answer> tags, after the thinking and in a box.`,
      cause: 'It reads answers of another form than `answer` has, or compares them too strictly.',
      remedy: 'Let `answer` be what a right response says, and verify accept it.',
    },
  ]
}

async function accepts({ task, question }: AskedQuestion, responses: readonly string[]): Promise<boolean> {
  for (const response of responses) if ((await task.verify(question, response)).correct) return true
  return false
}
