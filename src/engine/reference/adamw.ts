/** AdamW (arXiv 1711.05101) as the paper's algorithm 2 reads, in float64: what faster updates are tested against. */
import type { AdamW } from '../../objectives/adamw.ts'

export interface ReferenceAdamWState {
  step: number
  firstMoment: Float64Array
  secondMoment: Float64Array
}

export const createReferenceAdamWState = (size: number): ReferenceAdamWState => ({
  step: 0,
  firstMoment: new Float64Array(size),
  secondMoment: new Float64Array(size),
})

/** In place; clips by the gradient's norm first and returns that norm. `decays(i)` says whether weight i decays. */
export function referenceAdamW(
  weights: Float64Array,
  gradient: Float64Array,
  state: ReferenceAdamWState,
  { learningRate, beta1, beta2, epsilon, weightDecay, gradientClipNorm }: AdamW,
  decays: (i: number) => boolean = () => true,
): number {
  const norm = Math.hypot(...gradient)
  const scale = gradientClipNorm > 0 && norm > gradientClipNorm ? gradientClipNorm / norm : 1
  const { firstMoment, secondMoment } = state
  state.step++
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i]! * scale
    firstMoment[i] = beta1 * firstMoment[i]! + (1 - beta1) * g
    secondMoment[i] = beta2 * secondMoment[i]! + (1 - beta2) * g ** 2
    const mean = firstMoment[i]! / (1 - beta1 ** state.step)
    const variance = secondMoment[i]! / (1 - beta2 ** state.step)
    const decay = decays(i) ? weightDecay * weights[i]! : 0
    weights[i]! -= learningRate * (mean / (Math.sqrt(variance) + epsilon) + decay)
  }
  return norm
}
