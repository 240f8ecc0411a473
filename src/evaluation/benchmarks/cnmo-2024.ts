/** CNMO 2024, the Chinese national olympiad for high schools, as problem and answer; k as for AIME is our choice. The user supplies the file. */
import { mathematics } from '../../tasks/mathematics.ts'
import { type Benchmark, paperSettings } from '../benchmark.ts'
import { mathQuestions } from './math-questions.ts'

export const cnmo2024: Benchmark = {
  name: 'cnmo-2024',
  title: 'CNMO 2024',
  settings: paperSettings(64),
  data: { file: null, description: 'rows of {problem, answer}' },
  load: mathQuestions,
  ...mathematics,
  paper: [{ row: 'CNMO 2024', figure: ({ figures }) => figures.pass1 * 100 }],
}
