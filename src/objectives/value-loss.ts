/**
 * PPO's loss of the critic (arXiv 1707.06347; clipped as in arXiv 2005.12729): half the squared error to the return, and
 * no less than if the value had moved no further than `clip` from what it was at the rollout.
 *
 *     ½ max( (V − R)², (clip(V, V_old − ε, V_old + ε) − R)² )
 */
import { add, cast, less, maximum, minimum, mul, sub } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { ValueObjective } from './objective.ts'

/** Reads `returns` and `oldValues`. Statistic: `clipShare`. */
export const clippedValueLoss = (clip: number): ValueObjective => ({
  key: `clipped_value ${clip}`,
  inputs: ['returns', 'oldValues'],
  build({ values, mask, input }) {
    const masked = (x: Tensor) => mul(x, mask)
    const old = masked(input('oldValues'))
    const returns = masked(input('returns'))
    const V = masked(values)
    const near = minimum(maximum(V, sub(old, clip)), add(old, clip))
    const squared = (x: Tensor) => mul(sub(x, returns), sub(x, returns))
    const [free, clipped] = [squared(V), squared(near)]
    return {
      loss: mul(maximum(free, clipped), 0.5),
      statistics: { clipShare: cast(less(free, clipped), 'float32') },
    }
  },
})
