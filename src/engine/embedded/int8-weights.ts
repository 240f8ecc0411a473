/**
 * Weights in 8-bit integers for sampling: every product of activations with a whole matrix is computed in integers, an
 * output row of the matrix being rounded to multiples of 1/63 of its largest magnitude, a row of activations to 1/127.
 * Embedding, norms and attention stay in float32, and so do the matrices of experts and those that latent attention
 * cuts.
 */
import * as ort from 'onnxruntime-node'
import { input, int8Linear, mul } from '../../graph/operations.ts'
import { rewrite } from '../../graph/rewrite.ts'
import { is, type Tensor, topologicalOrder } from '../../graph/tensor.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { decodeGraph, prefillGraph } from './decode-graph.ts'
import { type Feeds, float32 } from './session.ts'
import type { Weights } from './weights.ts'

/**
 * Weights take 7 bits: on a processor without VNNI the product adds pairs of 8-bit products in 16 bits, and two of 255 · 127
 * would not fit.
 */
const LARGEST = 63
const PREFIX = { weight: 'int8:', scales: 'scales:' }

/** A graph's outputs with each `linear` of a parameter in integers. */
export function withInt8Products(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const names = Object.keys(outputs)
  const rewritten = rewrite(Object.values(outputs), (x) => {
    if (!is(x, 'matmul') || !x.attributes.transposeB || x.shape.length !== 2) return x
    const [from, weight] = x.inputs as [Tensor, Tensor]
    // A norm's gain may stand on the weight, see `normalized`.
    const [matrix, gain] = is(weight, 'mul') ? (weight.inputs as [Tensor, Tensor]) : [weight]
    if (!is(matrix, 'input')) return x
    const { name } = matrix.attributes
    const [outer, inner] = matrix.shape as [number, number]
    return int8Linear(
      gain === undefined ? from : mul(from, gain),
      input(`${PREFIX.weight}${name}`, [inner, outer], 'int8'),
      input(`${PREFIX.scales}${name}`, [outer]),
    )
  })
  return Object.fromEntries(names.map((name, i) => [name, rewritten[i]!]))
}

export interface Int8Weights {
  /** Of what `withInt8Products` makes of this model's graphs. */
  feeds: Feeds
  /** Rounds the weights as they are now. */
  update(): void
}

export function createInt8Weights(config: DecoderConfig, weights: Weights): Int8Weights {
  // Of one token, so that no weight is cut for having fewer rows than there are tokens.
  const graphs = [decodeGraph(config, weights.specs, 1, 64), prefillGraph(config, weights.specs, 1, 1)]
  const outputs = graphs.flatMap((graph) => Object.values(withInt8Products(graph)))
  const feeds: Record<string, ort.Tensor> = { ...weights.feeds }
  const matrices = topologicalOrder(outputs).flatMap((x) => {
    if (!is(x, 'input') || x.dtype !== 'int8' || x.attributes.name in feeds) return []
    const [inner, outer] = x.shape as [number, number]
    const name = x.attributes.name.slice(PREFIX.weight.length)
    const matrix = { name, inner, outer, data: new Int8Array(inner * outer), scales: new Float32Array(outer) }
    feeds[x.attributes.name] = new ort.Tensor('int8', matrix.data, x.shape)
    feeds[`${PREFIX.scales}${name}`] = float32(matrix.scales, [outer])
    return [matrix]
  })
  return {
    feeds,
    update() {
      for (const { name, inner, outer, data, scales } of matrices)
        roundRows(weights.view(name), inner, outer, data, scales)
    },
  }
}

/** Rows of [out, in] to multiples of their scale, transposed. A block of rows at a time, for the cache's sake. */
function roundRows(
  rows: Float32Array,
  inner: number,
  outer: number,
  into: Int8Array,
  scales: Float32Array,
): void {
  const block = 64
  for (let start = 0; start < outer; start += block) {
    const end = Math.min(outer, start + block)
    for (let row = start; row < end; row++) {
      let largest = 1e-30
      for (let i = row * inner; i < (row + 1) * inner; i++) largest = Math.max(largest, Math.abs(rows[i]!))
      scales[row] = largest / LARGEST
    }
    for (let i = 0; i < inner; i++)
      for (let row = start; row < end; row++)
        into[i * outer + row] = Math.round(rows[row * inner + i]! / scales[row]!)
  }
}
