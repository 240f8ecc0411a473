/**
 * CLUEWSC 2020 (arXiv 2004.05986): whom does a pronoun of a Chinese sentence mean? Zero-shot (R1 §3), each candidate as a question
 * of yes or no; the words are ours. The user supplies the file.
 */
import { z } from 'zod'
import { choiceQuestion, multipleChoice, optionLines } from '../../tasks/multiple-choice.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z.object({
  idx: z.union([z.string(), z.number()]).optional(),
  text: z.string(),
  label: z.union([z.enum(['true', 'false']).transform((label) => label === 'true'), z.boolean()]),
  target: z.object({ span1_text: z.string(), span2_text: z.string() }),
})

const CHOICES = ['是', '否']

export const clueWsc: Benchmark = {
  name: 'cluewsc',
  title: 'CLUEWSC',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'dev.json of CLUEWSC 2020 as .jsonl: {text, target: {span1_text, span2_text}, label}',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ idx, text, label, target }, i) =>
      choiceQuestion({
        id: String(idx ?? i),
        text: `${text}\n\n上面的句子中，“${target.span2_text}”指的是“${target.span1_text}”吗？\n${optionLines(CHOICES, '.')}`,
        choices: CHOICES,
        answer: label ? 'A' : 'B',
      }),
    )
  },
  prompt: ({ prompt }) => `${prompt}\n\n请逐步思考，并在最后一行写“答案：A”或“答案：B”。`,
  ...multipleChoice,
  paper: [{ row: 'CLUEWSC', figure: ({ figures }) => figures.pass1 * 100 }],
}
