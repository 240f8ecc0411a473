/** A model's parameters by name; as a rule views of one flat array. */
import type * as ort from 'onnxruntime-node'
import { input } from '../../graph/operations.ts'
import { sizeOf, type Tensor } from '../../graph/tensor.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { type Feeds, float32 } from './session.ts'

export interface Weights {
  specs: readonly ParameterSpec[]
  view(name: string): Float32Array
  /** Feeds for the graph inputs that `parameterInputs` makes. */
  feeds: Feeds
}

export interface FlatWeights extends Weights {
  flat: Float32Array
}

export function createWeights(
  specs: readonly ParameterSpec[],
  flat = new Float32Array(specs.reduce((total, { shape }) => total + sizeOf(shape), 0)),
): FlatWeights {
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

export const copyWeights = (weights: FlatWeights): FlatWeights =>
  createWeights(weights.specs, weights.flat.slice())

/** The same weights, but for `own`, which get memory of their own. */
export function shareWeights(weights: Weights, own: readonly ParameterSpec[]): Weights {
  const fresh = createWeights(own)
  const owned = new Set(own.map(({ name }) => name))
  return {
    specs: weights.specs,
    feeds: { ...weights.feeds, ...fresh.feeds },
    view: (name) => (owned.has(name) ? fresh : weights).view(name),
  }
}

export const numWeights = ({ specs }: Weights): number =>
  specs.reduce((total, { shape }) => total + sizeOf(shape), 0)

/** From this many on, a graph runs so long that allocating its memory again hardly counts, and the memory of a hundred graphs is too much. */
export const isLarge = (weights: Weights): boolean => numWeights(weights) > 2 ** 25

/** One graph input a parameter. */
export const parameterInputs = (specs: readonly ParameterSpec[]): Map<string, Tensor> =>
  new Map(specs.map(({ name, shape }) => [name, input(name, shape)]))
