/** The AdamW update (arXiv 1711.05101) in place over flat arrays: one pass, no temporaries. */
import type { AdamW } from '../../objectives/adamw.ts'

export interface AdamWState {
  /** Updates done so far, for bias correction. */
  step: number
  /** Running means of the gradient and of its square. */
  firstMoment: Float32Array
  secondMoment: Float32Array
}

export const createAdamWState = (size: number): AdamWState => ({
  step: 0,
  firstMoment: new Float32Array(size),
  secondMoment: new Float32Array(size),
})

export function l2Norm(values: Float32Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]! * values[i]!
  return Math.sqrt(total)
}

/**
 * `decayed` lists the [start, end) ranges that weight decay applies to, in ascending order. Gives the update's size: its L2
 * norm over that of the weights before it.
 */
export function adamwUpdate(
  weights: Float32Array,
  gradient: Float32Array,
  state: AdamWState,
  { learningRate, beta1, beta2, epsilon, weightDecay }: AdamW,
  gradientScale: number,
  decayed: readonly (readonly [number, number])[],
): number {
  const { firstMoment, secondMoment } = state
  state.step++
  const step = learningRate / (1 - beta1 ** state.step)
  const correction = 1 / Math.sqrt(1 - beta2 ** state.step)
  let moved = 0
  let before = 0
  const update = (start: number, end: number, keep: number) => {
    for (let i = start; i < end; i++) {
      const g = gradient[i]! * gradientScale
      const m = beta1 * firstMoment[i]! + (1 - beta1) * g
      const v = beta2 * secondMoment[i]! + (1 - beta2) * g * g
      firstMoment[i] = m
      secondMoment[i] = v
      const weight = weights[i]!
      const updated = weight * keep - (step * m) / (Math.sqrt(v) * correction + epsilon)
      moved += (updated - weight) ** 2
      before += weight * weight
      weights[i] = updated
    }
  }
  let from = 0
  for (const [start, end] of decayed) {
    update(from, start, 1)
    update(start, end, 1 - learningRate * weightDecay)
    from = end
  }
  update(from, weights.length, 1)
  return Math.sqrt(moved / before)
}
