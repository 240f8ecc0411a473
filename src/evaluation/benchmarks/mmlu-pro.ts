/** MMLU-Pro (arXiv 2406.01574): 12,032 questions with up to ten options, zero-shot (R1 §3, R1 v2 SJ). The user supplies the file. */
import { z } from 'zod'
import { choiceQuestion, letter, multipleChoice, optionLines } from '../../tasks/multiple-choice.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  question_id: z.union([z.number(), z.string()]),
  question: z.string(),
  options: z.array(z.string()).min(2).max(10),
  answer: z.string().optional(),
  answer_index: z.number().int().optional(),
  category: z.string(),
})

export const mmluPro: Benchmark = {
  name: 'mmlu-pro',
  title: 'MMLU-Pro',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'the test split as JSONL or Parquet: {question_id, question, options, answer, category}',
  },
  async load(rows) {
    const schema = rowSchema.refine((row) => row.answer !== undefined || row.answer_index !== undefined, {
      message: 'neither answer nor answer_index in this row',
    })
    return (await readAs(rows, schema)).map((row) =>
      choiceQuestion({
        id: String(row.question_id),
        text: `Question: ${row.question}\nOptions:\n${optionLines(row.options, '.')}`,
        choices: row.options,
        answer: row.answer ?? letter(row.answer_index!),
        subject: row.category,
      }),
    )
  },
  prompt: ({ prompt, data }) =>
    `The following are multiple choice questions (with answers) about ${String(data?.subject)}. Think step by step and then output the answer in the format of "The answer is (X)" at the end.\n\n${prompt}\nAnswer: Let's think step by step.`,
  ...multipleChoice,
  paper: [{ row: 'MMLU-Pro', figure: ({ figures }) => figures.pass1 * 100 }],
}
