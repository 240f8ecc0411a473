/**
 * What is minimised: `Σ weight_t · loss_t` over the tokens of a batch, a plain sum. Every normalisation
 * (1/|o_i|, 1/G, one over all tokens, a constant) lives in the weights, see `aggregation.ts`.
 *
 * An objective is written once, as an expression over the tensor graph. The embedded engine compiles it into its
 * training step; remote engines evaluate it and its derivative in float64 from log-probabilities.
 */
import type { Tensor } from '../graph/tensor.ts'

/** Per-token values of a packed batch; every tensor is float32 of shape [N]. Padding has weight 0. */
export interface TokenBatch {
  /** log π_θ of each target token. The gradient flows through this and `entropies`. */
  logprobs: Tensor
  /** Entropy of each predicted distribution, nats. */
  entropies: Tensor
  /** 1 where the token's weight is not 0, else 0. */
  mask: Tensor
  /** A per-token input that the data carry under this name. */
  input(name: string): Tensor
  /** [N] -> [N]: the mean over the masked tokens of each token's own sequence. */
  sequenceMean(values: Tensor): Tensor
}

export interface Objective {
  /** Objectives with the same key build the same expression; engines compile once per key. */
  key: string
  /** The names `build` asks of `TokenBatch.input`. */
  inputs: readonly string[]
  build(batch: TokenBatch): {
    /** [N] */
    loss: Tensor
    /** [N] each; reported as means over masked tokens. No gradient. */
    statistics: Record<string, Tensor>
  }
}
