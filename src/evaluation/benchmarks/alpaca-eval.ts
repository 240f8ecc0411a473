/**
 * AlpacaEval 2.0 (arXiv 2404.04475): how often a judge prefers a model's summary to GPT-4-Turbo's, and that rate as it would be at
 * equal lengths, which the paper gives (R1 §3.1). Two things are simpler here than in the published program: a verdict is a
 * letter and not its probability, and no difficulty of the instruction is estimated from other models. The user supplies the file.
 */
import { z } from 'zod'
import { randomStream } from '../../random.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import { type Benchmark, needsJudge, paperSettings, readAs } from '../benchmark.ts'
import { lengthControlledRate, type Won } from './length-controlled.ts'

const rowSchema = z.object({ instruction: z.string(), output: z.string() })

export const alpacaEval: Benchmark = {
  name: 'alpaca-eval',
  title: 'AlpacaEval 2.0',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'alpaca_eval_gpt4_baseline.json: rows of {instruction, output}, the output being the rival',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ instruction, output }, i) => ({
      id: String(i),
      prompt: instruction,
      answer: output,
    }))
  },
  ...needsJudge,
  judged: (judge) => async (question, response) => {
    const { answer } = splitReasoning(response)
    // The order is drawn once a question: judges favour a place.
    const isFirst = randomStream(judge.seed, 'alpaca-eval', question.id).uniform() < 0.5
    const [m, M] = isFirst ? [answer, question.answer] : [question.answer, answer]
    const preferred = await judge.ask({
      prompt: judgePrompt(question.prompt, m, M),
      read: letterIn,
      expected: 'm or M',
    })
    const won = preferred === (isFirst ? 'm' : 'M')
    return {
      correct: won,
      extracted: answer === '' ? null : answer,
      reason: won ? 'preferred to the rival' : 'the rival is preferred',
      details: { won, longer: answer.length - question.answer.length } satisfies Won,
    }
  },
  async extraFigures(graded) {
    const all = graded.flatMap(({ samples }) => samples.map(({ details }) => details as unknown as Won))
    return { shares: { lengthControlledWinRate: lengthControlledRate(all) } }
  },
  paper: [
    {
      row: 'AlpacaEval 2.0 (LC)',
      figure: ({ extra }) => {
        const rate = extra.shares?.lengthControlledWinRate ?? null
        return rate === null ? null : rate * 100
      },
    },
  ],
}

const letterIn = (reply: string) => (/^\W*(m|M)\W*$/m.exec(reply)?.[1] ?? null) as 'm' | 'M' | null

const judgePrompt = (instruction: string, m: string, M: string): string => `\
Two models, m and M, were given the same instruction. Which answer would most people prefer? Reply with m or M alone.

<instruction>
${instruction}
</instruction>

<answer of m>
${m}
</answer of m>

<answer of M>
${M}
</answer of M>`
