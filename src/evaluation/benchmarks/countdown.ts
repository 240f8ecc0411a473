/** Countdown: reach the target with + - * / and each number once. The paper has the game of 24 among its logic data (R1 v2 SB.3.1); k is our choice. */
import { z } from 'zod'
import { countdownPrompt, equivalentExpressions, verifyCountdownQuestion } from '../../tasks/countdown.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  numbers: z.array(z.number()).min(1),
  target: z.number(),
  solution: z.string().optional(),
})

export const countdown: Benchmark = {
  name: 'countdown',
  title: 'Countdown',
  settings: paperSettings(4),
  data: { file: 'countdown-3-test.jsonl', description: 'rows of {id, numbers, target}' },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ id, numbers, target, solution }, i) => ({
      id: String(id ?? i),
      prompt: countdownPrompt({ numbers, target }),
      answer: solution ?? String(target),
      data: { numbers, target },
    }))
  },
  prompt: ({ prompt }, form) =>
    form === 'tags'
      ? prompt
      : `${prompt}. You may use +, -, *, / and parentheses, and you must use each number exactly once. Put the expression alone in <answer> </answer> tags at the end, for example <answer>(1 + 2) / 3</answer>.`,
  verify: verifyCountdownQuestion,
  equivalent: equivalentExpressions,
}
