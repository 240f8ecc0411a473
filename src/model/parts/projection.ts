/** Linear maps of normalised inputs, and the feed-forward part that is made of three of them. */
import { add, linear, mul, reshape, rmsNormalize, sigmoid, silu, slice } from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { ParameterSpec } from '../architecture.ts'

/** A parameter by its name within a layer. */
export type Parameter = (name: string) => Tensor

/** A linear map of the normalised input. */
export type Projection = (weight: Tensor) => Tensor

export function normalized(x_ND: Tensor, gain_D: Tensor, epsilon: number): Projection {
  const scaled_ND = mul(rmsNormalize(x_ND, epsilon), gain_D)
  return (weight) => linear(scaled_ND, weight)
}

type FeedForward = (project: Projection, parameter: Parameter, prefix?: string) => Tensor

/** Gated feed-forward parts (arXiv 2002.05202); `prefix` is where the three weights stand in the layer. */
const gated =
  (activation: (x: Tensor) => Tensor): FeedForward =>
  (project, parameter, prefix = 'mlp') => {
    const gate = project(parameter(`${prefix}.gate_proj.weight`))
    const up = project(parameter(`${prefix}.up_proj.weight`))
    return linear(mul(activation(gate), up), parameter(`${prefix}.down_proj.weight`))
  }
export const swiglu = gated(silu)
export const geglu = gated(geluTanh)

/** GELU by a tanh (arXiv 1606.08415): x (1 + tanh u) / 2, which is x · sigmoid(2u), u = √(2/π) (x + 0.044715 x³). */
function geluTanh(x: Tensor): Tensor {
  const u = mul(mul(x, Math.sqrt(2 / Math.PI)), add(mul(mul(x, x), 0.044715), 1))
  return mul(x, sigmoid(mul(u, 2)))
}

export const feedForwardParameters = (prefix: string, inner: number, outer: number): ParameterSpec[] => [
  { name: `${prefix}.gate_proj.weight`, shape: [inner, outer] },
  { name: `${prefix}.up_proj.weight`, shape: [inner, outer] },
  { name: `${prefix}.down_proj.weight`, shape: [outer, inner] },
]

/**
 * The parts of a projection whose every head holds parts of these sizes one after the other: [N, heads · size] each.
 * The weight is cut, or the activations where those are smaller.
 */
export function projectParts(
  project: Projection,
  weight: Tensor,
  numRows: number,
  heads: number,
  sizes: readonly number[],
  cut: 'weight' | 'activations',
): Tensor[] {
  const whole = sizes.reduce((total, size) => total + size, 0)
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((total, size) => total + size, 0))
  const inner = weight.shape[1]!
  if (cut === 'weight') {
    const byHead = reshape(weight, [heads, whole, inner])
    return sizes.map((size, i) =>
      project(reshape(slice(byHead, 1, starts[i]!, starts[i]! + size), [heads * size, inner])),
    )
  }
  const byHead = reshape(project(weight), [numRows, heads, whole])
  return sizes.map((size, i) =>
    reshape(slice(byHead, 2, starts[i]!, starts[i]! + size), [numRows, heads * size]),
  )
}
