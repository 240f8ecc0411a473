/** What attention is given, and what it gives, whatever its kind. */
import type { Tensor } from '../../graph/tensor.ts'
import type { Parameter, Projection } from './projection.ts'

/** How attention sees other tokens: those of its own row (training, prefill), or a cache of past ones (decoding). */
export type Attend =
  /**
   * Added to the scores: [R, 1, T, T], 0 where attention is allowed. `fused`: the runtime has kernels for attention that know
   * the mask by its segments and parents [R, T].
   */
  | { kind: 'row'; mask_R1TT: Tensor; fused?: { segments: Tensor; parents: Tensor } | undefined }
  /**
   * Each layer's planes of past tokens, [R, heads, C, size], and a mask added to the scores, [R, 1, 1, C]. `fused`: as
   * above, by the number of filled positions [R].
   */
  | {
      kind: 'cache'
      layers: readonly (readonly Tensor[])[]
      mask_R11C: Tensor
      fused?: { starts: Tensor } | undefined
    }

/** A cache holds `planes` arrays a layer, of `heads` rows of `size` numbers for each position. */
export interface CacheLayout {
  planes: number
  heads: number
  size: number
}

export interface AttentionInputs {
  /** The row of the rotary tables for each token [R, T], int64. */
  positions: Tensor
  /** Rotary tables, see rope.ts. */
  cos: Tensor
  sin: Tensor
  parameter: Parameter
  /** Of the layer's normalised input. */
  project: Projection
  attend: Attend
  layer: number
}

export interface AttentionOutputs {
  /** [N, D] */
  output_ND: Tensor
  /** What a cache keeps of the given tokens: the layout's planes, [R, heads, T, size] each. */
  cached: Tensor[]
}
