/**
 * SimpleQA (arXiv 2411.04368) and Chinese SimpleQA (arXiv 2411.07140): short facts, asked bare; a judge says whether the answer is right,
 * wrong or not attempted (R1 v2 SJ). The paper's figure is the share of right ones. The user supplies the files.
 */
import { z } from 'zod'
import { type Benchmark, needsJudge, paperSettings, readAs } from '../benchmark.ts'
import type { PaperRow } from '../paper-figures.ts'
import { gradedByReference, gradeShares } from './graded-answer.ts'

const id = z.union([z.string(), z.number()]).optional()
const rowSchema = z.union([
  z.object({ problem: z.string(), answer: z.string(), id }),
  z
    .object({ question: z.string(), answer: z.string(), id })
    .transform(({ question: problem, ...rest }) => ({ problem, ...rest })),
])

const facts = (name: string, row: PaperRow, description: string): Benchmark => ({
  name,
  title: row,
  settings: paperSettings(1),
  data: { file: null, description },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ id, problem, answer }, i) => ({
      id: String(id ?? i),
      prompt: problem,
      answer,
    }))
  },
  ...needsJudge,
  judged: gradedByReference,
  extraFigures: async (graded) => ({ shares: gradeShares(graded) }),
  paper: [{ row, figure: ({ figures }) => figures.pass1 * 100 }],
})

export const simpleQa = facts('simpleqa', 'SimpleQA', 'simple_qa_test_set.csv: {problem, answer}')
export const chineseSimpleQa = facts(
  'c-simpleqa',
  'C-SimpleQA',
  'chinese_simpleqa.jsonl: {id, question, answer}',
)
