/** AMC 12 of 2023: 40 problems with numeric answers. Not in the paper; k as for AIME is our choice. */
import { mathematics } from '../../tasks/mathematics.ts'
import { type Benchmark, paperSettings } from '../benchmark.ts'
import { mathQuestions } from './math-questions.ts'

export const amc23: Benchmark = {
  name: 'amc-23',
  title: 'AMC 2023',
  settings: paperSettings(64),
  data: {
    file: 'amc23.jsonl',
    from: 'QwenLM/Qwen2.5-Math, evaluation/data',
    description: 'rows of {problem, answer}',
  },
  load: mathQuestions,
  ...mathematics,
}
