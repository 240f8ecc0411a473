/** AIME 2024 I and II: 30 problems with integer answers from 0 to 999; k = 64 (R1 §3). */
import { mathematics } from '../../tasks/mathematics.ts'
import { type Benchmark, paperSettings } from '../benchmark.ts'
import { mathQuestions } from './math-questions.ts'

export const aime2024: Benchmark = {
  name: 'aime-2024',
  title: 'AIME 2024',
  settings: paperSettings(64),
  data: {
    file: 'aime24.jsonl',
    from: 'QwenLM/Qwen2.5-Math, evaluation/data',
    description: 'rows of {problem, answer}',
  },
  load: mathQuestions,
  ...mathematics,
  paper: [
    { row: 'AIME 2024', figure: ({ figures }) => figures.pass1 * 100 },
    {
      row: 'AIME 2024 cons@64',
      figure: ({ figures: { samples, consK } }) => (samples === 64 && consK !== null ? consK * 100 : null),
    },
  ],
}
