/** Countdown: reach the target with + - * / and each number once. The paper has the game of 24 among its logic data (R1 v2 SB.3.1); k is our choice. */
import {
  countdownDirective,
  countdownRow,
  equivalentExpressions,
  verifyCountdownQuestion,
} from '../../tasks/countdown.ts'
import { type Benchmark, mapRows, paperSettings } from '../benchmark.ts'

export const countdown: Benchmark = {
  name: 'countdown',
  title: 'Countdown',
  settings: paperSettings(4),
  data: {
    file: 'countdown-3-test.jsonl',
    from: 'dllm-reasoning/d1, dataset/countdown_cd3_test.jsonl',
    description: 'rows of {id, numbers, target}',
  },
  load: (rows) => mapRows(rows, (row) => countdownRow(row)),
  prompt: countdownDirective,
  verify: verifyCountdownQuestion,
  equivalent: equivalentExpressions,
}
