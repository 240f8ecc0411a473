/** Cross-entropy, −log π_θ of each target token: pretraining, supervised fine-tuning, distillation. */
import { neg } from '../graph/operations.ts'
import type { Objective } from './objective.ts'

export const crossEntropy: Objective = {
  key: 'cross_entropy',
  inputs: [],
  named: { name: 'cross_entropy' },
  build: ({ logprobs }) => ({ loss: neg(logprobs), statistics: {} }),
}
