/**
 * c_t · log π_θ(o_t) with coefficients as given: whatever the loss, its gradient flows through the tokens'
 * log-probabilities, so c_t = ∂loss/∂log π_θ(o_t) makes any published variant work on any engine. The value of
 * this loss means nothing; its gradient does.
 */
import { mul } from '../graph/operations.ts'
import type { Objective } from './objective.ts'

export const coefficients: Objective = {
  key: 'coefficients',
  inputs: ['coefficients'],
  build: (batch) => ({ loss: mul(batch.input('coefficients'), batch.logprobs), statistics: {} }),
}
