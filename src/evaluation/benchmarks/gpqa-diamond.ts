/**
 * GPQA Diamond (arXiv 2311.12022): 198 questions, options in an order drawn from the seed; k = 64 (R1 §3).
 * The user supplies the file: its authors ask that the questions are not published in plain text, so neither
 * publish the result folder's responses.
 */
import { z } from 'zod'
import { randomStream } from '../../random.ts'
import { choiceQuestion, letter, multipleChoice, optionLines } from '../../tasks/multiple-choice.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  'Record ID': z.string().optional(),
  Question: z.string(),
  'Correct Answer': z.string(),
  'Incorrect Answer 1': z.string(),
  'Incorrect Answer 2': z.string(),
  'Incorrect Answer 3': z.string(),
})

export const gpqaDiamond: Benchmark = {
  name: 'gpqa-diamond',
  title: 'GPQA Diamond',
  settings: paperSettings(64),
  data: {
    file: null,
    description:
      'gpqa_diamond as CSV, JSONL or Parquet with its own columns (Question, Correct Answer, Incorrect Answer 1-3); its authors ask that it is not published',
  },
  async load(rows, { seed }) {
    return (await readAs(rows, rowSchema)).map((row, i) => {
      const id = row['Record ID'] ?? String(i)
      const right = row['Correct Answer'].trim()
      const wrong = [row['Incorrect Answer 1'], row['Incorrect Answer 2'], row['Incorrect Answer 3']]
      const options = randomStream(seed, 'gpqa-diamond', id).shuffle([
        right,
        ...wrong.map((text) => text.trim()),
      ])
      const text = `${row.Question.trim()}\n\n${optionLines(options, ')')}`
      return choiceQuestion({ id, text, choices: options, answer: letter(options.indexOf(right)) })
    })
  },
  prompt: ({ prompt }) =>
    `Answer the following multiple choice question. The last line of your response should be of the following format: 'ANSWER: $LETTER' (without quotes) where LETTER is one of ABCD. Think step by step before answering.\n\n${prompt}`,
  ...multipleChoice,
  paper: [{ row: 'GPQA Diamond', figure: ({ figures }) => figures.pass1 * 100 }],
}
