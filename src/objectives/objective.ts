/**
 * What is minimised: `Σ weight_t · loss_t` over the tokens of a batch, a plain sum. Every normalisation
 * (1/|o_i|, 1/G, one over all tokens, a constant) lives in the weights, see `aggregation.ts`.
 *
 * An objective is written once, as an expression over the tensor graph. The embedded engine compiles it into its
 * training step; remote engines evaluate it and its derivative in float64 from log-probabilities.
 */
import { cast, div, equal, gather, input, maximum, mul, not, scatterAdd, sum } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { NamedLoss } from './named-loss.ts'

/** Per-token values of a packed batch; every tensor is float32 of shape [N]. Padding has weight 0. */
export interface SequenceBatch {
  /** 1 where the token's weight is not 0, else 0. */
  mask: Tensor
  /** A per-token input that the data carry under this name. */
  input(name: string): Tensor
  /** [N] -> [N]: the mean over the masked tokens of each token's own sequence. */
  sequenceMean(values: Tensor): Tensor
}

/** What a language model says of a batch. The gradient flows through both. */
export interface TokenBatch extends SequenceBatch {
  /** log π_θ of each target token. */
  logprobs: Tensor
  /** Entropy of each predicted distribution, nats. */
  entropies: Tensor
}

/** What a scalar model says of a batch. */
export interface ValueBatch extends SequenceBatch {
  /** The value after each token. The gradient flows through it. */
  values: Tensor
}

export interface Objective<Batch extends SequenceBatch = TokenBatch> {
  /** Objectives with the same key build the same expression; engines compile once per key. */
  key: string
  /** The names `build` asks of `SequenceBatch.input`. */
  inputs: readonly string[]
  /** The same loss by its common name, where it has one. */
  named?: NamedLoss
  build(batch: Batch): {
    /** [N] */
    loss: Tensor
    /** [N] each; reported as means over masked tokens. No gradient. */
    statistics: Record<string, Tensor>
  }
}
export type ValueObjective = Objective<ValueBatch>

/**
 * The loss of N tokens as a graph of what the model says of each, [N] each, and of the inputs `weights` and
 * `input:<name>`. `sequences` (int64 [N]) tells which of `numSequences` sequences each token is of.
 */
export function weightedLoss<Batch extends SequenceBatch>(
  objective: Objective<Batch>,
  said: Omit<Batch, keyof SequenceBatch>,
  sequences: Tensor,
  numSequences: number,
): { loss: Tensor; statistics: Record<string, Tensor>; weights: Tensor; mask: Tensor } {
  const [N] = sequences.shape as [number]
  const weights = input('weights', [N])
  const mask = cast(not(equal(weights, 0)), 'float32')
  const { loss, statistics } = objective.build({
    ...said,
    mask,
    input: (name: string) => input(`input:${name}`, [N]),
    sequenceMean(values: Tensor) {
      const bySequence = (x: Tensor) => scatterAdd(numSequences, sequences, mul(x, mask))
      return gather(div(bySequence(values), maximum(bySequence(mask), 1)), sequences)
    },
  } as unknown as Batch)
  return { loss: sum(mul(weights, loss)), statistics, weights, mask }
}
