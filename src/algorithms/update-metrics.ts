/** What one update of the policy says of itself, whether GRPO or PPO made it. */
import type { ForwardBackwardResult, OptimStepResult } from '../engine/engine.ts'

export interface UpdateMetrics {
  /** Mean entropy of the next token, nats. */
  entropy: number
  /** Share of tokens whose probability ratio was clipped. */
  clipShare: number
  /** Mean probability ratio of the tokens, to the policy that sampled them. */
  ratio: number
  loss: number
  /** L2 norm before clipping. */
  gradientNorm: number
  learningRate: number
  /** L2 norm of the update over that of the weights, where the engine has both. */
  updateSize?: number
}

/** `droppedUpdate` is among them, as 1, where a gradient was not finite. */
export const updateMetrics = (
  { loss, entropy, statistics }: ForwardBackwardResult,
  { gradientNorm, updateSize, dropped }: OptimStepResult,
  learningRate: number,
): UpdateMetrics & { droppedUpdate?: number } => ({
  entropy,
  clipShare: (statistics.clipLow ?? 0) + (statistics.clipHigh ?? 0),
  ratio: statistics.ratio ?? 1,
  loss,
  gradientNorm,
  learningRate,
  ...(updateSize !== undefined && { updateSize }),
  ...(dropped && { droppedUpdate: 1 }),
})
