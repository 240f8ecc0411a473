/**
 * The seam to models that say one number after each token: reward models, critics. The verbs are the engine's
 * (engine.ts), without sampling.
 */
import type { AdamW } from '../objectives/adamw.ts'
import type { ValueObjective } from '../objectives/objective.ts'
import type { OptimStepResult } from './engine.ts'

/** One training sequence. Unlike a `Datum`'s, the arrays are as long as the tokens: entry i is the value after token i. */
export interface ValueDatum {
  tokens: Int32Array
  /** Weight of each value; 0 where none is trained. */
  weights: Float32Array
  /** Further inputs that the objective names, e.g. `returns`. */
  inputs?: Record<string, Float32Array>
}

export interface ValueForwardBackwardResult {
  /** The objective's value for this batch, in the objective's own normalisation. */
  loss: number
  /** After each token of each datum, before the update. */
  values: Float32Array[]
  /** Statistics the objective reports, averaged over values of nonzero weight. */
  statistics: Record<string, number>
}

export interface ScalarModel {
  /** The value after each token of each sequence. */
  values(sequences: readonly Int32Array[]): Promise<Float32Array[]>
  /** Accumulates the gradient of `objective` over `batch`. */
  forwardBackward(
    batch: readonly ValueDatum[],
    objective: ValueObjective,
  ): Promise<ValueForwardBackwardResult>
  /** Applies AdamW to the accumulated gradient and clears it. */
  optimStep(adamw: AdamW): Promise<OptimStepResult>
  /** Writes a Hugging Face folder of a classifier with one label; with `optimizer`, its state too. */
  save(folder: string, options?: { optimizer?: boolean }): Promise<void>
  /** Restores what `save` wrote; a language model's folder gives all but the head, which stays. */
  load(folder: string, options?: { optimizer?: boolean }): Promise<void>
  close(): void
}
