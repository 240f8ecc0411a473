/**
 * FRAMES (arXiv 2409.12941): questions over several Wikipedia articles, all of them given in the prompt, a judge compares the
 * answer with the reference (R1 v2 SJ). The user supplies the file with the articles' texts.
 */
import { z } from 'zod'
import { type Benchmark, needsJudge, paperSettings, readAs } from '../benchmark.ts'
import { gradedByReference } from './graded-answer.ts'

const rowSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  Prompt: z.string(),
  Answer: z.string(),
  articles: z.array(z.object({ title: z.string(), text: z.string() })).min(1),
})

export const frames: Benchmark = {
  name: 'frames',
  title: 'FRAMES',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'rows of {Prompt, Answer, articles: [{title, text}]}: the test set with its articles',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ id, Prompt: asked, Answer: answer, articles }, i) => ({
      id: String(id ?? i),
      prompt: `${articles.map(({ title, text }) => `# ${title}\n\n${text.trim()}`).join('\n\n')}\n\nAnswer this question from the articles above.\n\n${asked}`,
      answer,
      data: { asked },
    }))
  },
  ...needsJudge,
  judged: gradedByReference,
  paper: [{ row: 'FRAMES', figure: ({ figures }) => figures.pass1 * 100 }],
}
