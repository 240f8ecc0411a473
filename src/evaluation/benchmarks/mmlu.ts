/** MMLU (arXiv 2009.03300): 14,042 four-option questions of 57 subjects, zero-shot with the simple-evals prompt (R1 v2 SJ). */
import { z } from 'zod'
import { choicePrompt, choiceQuestion, multipleChoice, optionLines } from '../../tasks/multiple-choice.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  subject: z.string(),
  index: z.number(),
  question: z.string(),
  choices: z.array(z.string()).length(4),
  answer: z.enum(['A', 'B', 'C', 'D']),
})

export const mmlu: Benchmark = {
  name: 'mmlu',
  title: 'MMLU',
  settings: paperSettings(1),
  data: {
    file: 'mmlu-test.jsonl',
    from: 'hendrycks/test',
    description: 'rows of {subject, index, question, choices, answer: A-D}',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ subject, index, question, choices, answer }) =>
      choiceQuestion({
        id: `${subject}/${index}`,
        text: `${question}\n\n${optionLines(choices, '.')}`,
        choices,
        answer,
        subject,
      }),
    )
  },
  prompt: choicePrompt,
  ...multipleChoice,
  paper: [{ row: 'MMLU', figure: ({ figures }) => figures.pass1 * 100 }],
}
