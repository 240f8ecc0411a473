/**
 * MMLU-Redux (arXiv 2406.04127): MMLU questions whose answers were checked, zero-shot, the answer as JSON in Zero-Eval's form
 * (R1 §3). Rows that their authors marked as faulty are left out. The user supplies the file.
 */
import { z } from 'zod'
import { choiceQuestion, letter, letters, multipleChoice, optionLines } from '../../tasks/multiple-choice.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  question: z.string(),
  choices: z.array(z.string()).length(4),
  answer: z.int().min(0).max(3),
  error_type: z.string().optional(),
  subject: z.string().optional(),
})

export const mmluRedux: Benchmark = {
  name: 'mmlu-redux',
  title: 'MMLU-Redux',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'rows of {question, choices, answer: 0-3} and, where it was checked, error_type',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema))
      .map((row, i) => ({ ...row, id: String(i) }))
      .filter(({ error_type = 'ok' }) => error_type === 'ok')
      .map(({ id, question, choices, answer, subject }) =>
        choiceQuestion({
          id,
          text: `${question}\n\n${optionLines(choices, ')')}`,
          choices,
          answer: letter(answer),
          ...(subject !== undefined && { subject }),
        }),
      )
  },
  prompt: ({ prompt, data }) =>
    `${prompt}\n\nReason step by step, then answer with one letter of ${letters(data!.choices as string[])}. Write both as JSON and nothing else:\n{"reasoning": "…", "answer": "…"}`,
  ...multipleChoice,
  verify: (question, response) => multipleChoice.verify(question, `Answer: ${jsonAnswer(response)}`),
  paper: [{ row: 'MMLU-Redux', figure: ({ figures }) => figures.pass1 * 100 }],
}

/** The last `"answer"`, also of JSON that is broken elsewhere, as long reasoning in it often is. */
function jsonAnswer(response: string): string {
  const { answer } = splitReasoning(response)
  return [...answer.matchAll(/"answer"\s*:\s*"((?:[^"\\]|\\.)*)"/g)].at(-1)?.[1] ?? ''
}
