/** The rows of the mathematics benchmarks. */
import { z } from 'zod'
import { finalAnswer } from '../../tasks/field-mapping.ts'
import type { FileRow } from '../../tasks/file-rows.ts'
import type { Question } from '../../tasks/task.ts'
import { readAs } from '../benchmark.ts'

const rowSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  unique_id: z.string().optional(),
  problem: z.string().optional(),
  question: z.string().optional(),
  answer: z.union([z.string(), z.number()]),
})

/** Rows of `{problem or question, answer}`; the number of the row stands in for a missing id. */
export async function mathQuestions(rows: AsyncIterable<FileRow>): Promise<Question[]> {
  const schema = rowSchema.refine((row) => row.problem !== undefined || row.question !== undefined, {
    message: 'neither problem nor question in this row',
  })
  return (await readAs(rows, schema)).map((row, i) => ({
    id: String(row.unique_id ?? row.id ?? i),
    prompt: row.problem ?? row.question!,
    answer: finalAnswer(String(row.answer)),
  }))
}
