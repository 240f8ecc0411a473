/** MATH-500 (arXiv 2103.03874; the split of arXiv 2305.20050): 500 problems with LaTeX answers; k = 16 (R1 §3). */
import { mathematics } from '../../tasks/mathematics.ts'
import { type Benchmark, paperSettings } from '../benchmark.ts'
import { mathQuestions } from './math-questions.ts'

export const math500: Benchmark = {
  name: 'math-500',
  title: 'MATH-500',
  settings: paperSettings(16),
  data: {
    file: 'math500.jsonl',
    from: 'hkust-nlp/simpleRL-reason, examples/simplelr_math_eval/data/math500',
    description: 'rows of {problem, answer, unique_id}',
  },
  load: mathQuestions,
  ...mathematics,
  paper: [{ row: 'MATH-500', figure: ({ figures }) => figures.pass1 * 100 }],
}
