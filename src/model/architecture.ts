/** What an architecture supplies to `decoder.ts`, which has the rest: embedding, residual stream, last norm and head. */
import type { Tensor } from '../graph/tensor.ts'
import type { Attend, CacheLayout } from './parts/attend.ts'
import type { Routing } from './parts/mixture-of-experts.ts'
import type { Parameter } from './parts/projection.ts'

export interface ParameterSpec {
  name: string
  /** Matrices are [out, in]. */
  shape: readonly number[]
  /** Has no gradient: what trains the model sets it. Always float32 in files. */
  buffer?: true
}

export interface LayerInputs {
  layer: number
  x_ND: Tensor
  /** The row of the rotary tables for each token [R, T], int64. */
  positions: Tensor
  /** Rotary tables, see rope.ts. */
  cos: Tensor
  sin: Tensor
  /** By its name within the layer. */
  parameter: Parameter
  attend: Attend
}

export interface LayerOutputs {
  x_ND: Tensor
  /** What a cache keeps of the given tokens: the layout's planes, [R, heads, T, size] each. */
  cached: Tensor[]
  /** Where the layer has experts. */
  routing?: Routing
}

export interface Architecture {
  /** The parameters of one layer by their names within it, in checkpoint order. */
  layerParameters(layer: number): ParameterSpec[]
  layer(inputs: LayerInputs): LayerOutputs
  cache: CacheLayout
  /** Tokens that a token sees in a layer, itself included; all without. */
  window?(layer: number): number | undefined
  /** Which of the rotary tables a layer reads; the first without. */
  ropeTable?(layer: number): number
  /** Norms multiply by 1 + their parameter, which starts at 0. */
  zeroCenteredNorms?: true
  /** What the embedding is multiplied by. */
  embeddingScale?: number
}
