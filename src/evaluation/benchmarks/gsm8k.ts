/** GSM8K (arXiv 2110.14168), test split: 1,319 word problems with integer answers. Not in the paper; k is our choice. */
import { mathematics } from '../../tasks/mathematics.ts'
import { type Benchmark, paperSettings } from '../benchmark.ts'
import { mathQuestions } from './math-questions.ts'

export const gsm8k: Benchmark = {
  name: 'gsm8k',
  title: 'GSM8K',
  settings: paperSettings(4),
  data: {
    file: 'gsm8k-test.jsonl',
    from: 'openai/grade-school-math, grade_school_math/data/test.jsonl',
    description: 'rows of {question, answer}, the answer ending in "#### 42"',
  },
  load: mathQuestions,
  ...mathematics,
}
