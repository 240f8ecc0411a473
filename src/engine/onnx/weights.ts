/** A model's parameters in one flat array, with a view of it for every name. */
import type * as ort from 'onnxruntime-node'
import { input } from '../../graph/operations.ts'
import { sizeOf, type Tensor } from '../../graph/tensor.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { type Feeds, float32 } from './session.ts'

export interface Weights {
  specs: readonly ParameterSpec[]
  flat: Float32Array
  view(name: string): Float32Array
  /** Feeds for the graph inputs that `parameterInputs` makes. */
  feeds: Feeds
}

export function createWeights(
  specs: readonly ParameterSpec[],
  flat = new Float32Array(specs.reduce((total, { shape }) => total + sizeOf(shape), 0)),
): Weights {
  const feeds: Record<string, ort.Tensor> = {}
  const views = new Map<string, Float32Array>()
  let offset = 0
  for (const { name, shape } of specs) {
    const view = flat.subarray(offset, offset + sizeOf(shape))
    offset += view.length
    views.set(name, view)
    feeds[name] = float32(view, shape)
  }
  return { specs, flat, feeds, view: (name) => views.get(name)! }
}

export const copyWeights = (weights: Weights): Weights => createWeights(weights.specs, weights.flat.slice())

/** One graph input a parameter. */
export const parameterInputs = (specs: readonly ParameterSpec[]): Map<string, Tensor> =>
  new Map(specs.map(({ name, shape }) => [name, input(name, shape)]))
