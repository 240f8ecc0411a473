/**
 * Questions whose answers no rule can compare: a model that knows the reference answer says whether a response is right
 * (R1 §2.3.3, R1 v2 SB.3.3). It reads what follows the thinking.
 */
import { ConfigError } from '../errors.ts'
import { comparedTexts, type Judge } from '../responders/judge.ts'
import { splitReasoning } from '../text/reasoning.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import { type FieldMapping, questionOf, referenceAnswer } from './field-mapping.ts'
import type { FileRow } from './file-rows.ts'
import type { Question, QuestionSet } from './task.ts'

export const freeAnswers = {
  prompt: ({ prompt }) => prompt,
  equivalent: null,
} satisfies Partial<QuestionSet>

export const freeRow = (row: FileRow, mapping: FieldMapping): Question => ({
  ...questionOf(row, mapping),
  answer: referenceAnswer(row, mapping),
})

/** Throws a JudgeError where the judge gives no verdict, and a ConfigError where there is no judge. */
export async function judgeFreeAnswer(
  { prompt, answer: reference }: Question,
  response: string,
  judge: Judge | undefined,
): Promise<Verdict> {
  if (judge === undefined) throw noJudge()
  const { answer } = splitReasoning(response)
  if (answer === '') return { correct: false, extracted: null, reason: 'no answer after the thinking' }
  const correct = await judge.ask({
    prompt: judgePrompt(prompt, reference, answer),
    read: correctnessIn,
    expected: '{"analysis": "…", "correctness": "correct" or "incorrect"}',
  })
  return { correct, extracted: answer, reason: `${correct ? 'right' : 'wrong'} by ${judge.name}` }
}

/** Of a run whose questions want a judge and that has none. */
export const noJudge = (): ConfigError =>
  new ConfigError('no rule can compare free answers.', {
    field: 'kind',
    value: 'free',
    remedy:
      'Name a model that judges them: judge.endpoint and judge.apiModel in training, --judge-endpoint and --judge-model in evaluation.',
  })

/** By the last one named, since a judge may begin again. */
function correctnessIn(reply: string): boolean | null {
  const said = [...reply.matchAll(/"correctness"\s*:\s*"(correct|incorrect)"/gi)].at(-1)?.[1]
  return said === undefined ? null : said.toLowerCase() === 'correct'
}

const judgePrompt = (question: string, reference: string, answer: string): string => `\
Say whether an answer to a question is right. The reference answer is true. The answer is right where it says the same in whatever
words, and nothing that contradicts the reference; its style and length do not matter. Compare first, then decide.
Reply with JSON alone: {"analysis": "<the comparison in a few sentences>", "correctness": "correct" or "incorrect"}

${comparedTexts(question, reference, answer)}`
