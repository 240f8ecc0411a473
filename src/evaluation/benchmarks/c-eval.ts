/** C-Eval (arXiv 2305.08322): Chinese four-option questions of 52 subjects, zero-shot (R1 §3). The user supplies the file. */
import { z } from 'zod'
import { choiceQuestion, multipleChoice, optionLines } from '../../tasks/multiple-choice.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const text = z.union([z.string(), z.number()]).transform(String)
const rowSchema = z.object({
  id: text.optional(),
  subject: z.string().optional(),
  question: z.string(),
  ...{ A: text, B: text, C: text, D: text },
  answer: z.enum(['A', 'B', 'C', 'D']),
})

export const cEval: Benchmark = {
  name: 'c-eval',
  title: 'C-Eval',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'rows of {question, A, B, C, D, answer} and optionally id and subject (in Chinese)',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ id, subject, question, A, B, C, D, answer }, i) => {
      const choices = [A, B, C, D]
      return choiceQuestion({
        id: [subject, id ?? i].filter((part) => part !== undefined).join('/'),
        text: `${question}\n${optionLines(choices, '.')}`,
        choices,
        answer,
        ...(subject !== undefined && { subject }),
      })
    })
  },
  prompt: ({ prompt, data }) =>
    `以下是一道中国${String(data!.subject ?? '')}考试的单项选择题，请逐步思考，并在最后一行写出“答案：”和正确选项的字母。\n\n${prompt}`,
  ...multipleChoice,
  paper: [{ row: 'C-Eval', figure: ({ figures }) => figures.pass1 * 100 }],
}
