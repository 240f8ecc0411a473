/**
 * Weights in 8-bit integers for sampling: every product of activations with a whole matrix is computed in integers, an
 * output row of the matrix being rounded to multiples of 1/63 of its largest magnitude, a row of activations to 1/127.
 * Embedding, norms and attention stay in float32, and so do the matrices of experts and those that latent attention
 * cuts.
 */
import { int8Linear, state } from '../../graph/operations.ts'
import { rewrite } from '../../graph/rewrite.ts'
import { is, type Tensor, topologicalOrder } from '../../graph/tensor.ts'
import type { DecoderConfig } from '../../model/config.ts'
import type { Graph, Runtime, State } from '../../runtime/runtime.ts'
import { decodeGraph, prefillGraph } from './decode-graph.ts'
import { rewriteGraph } from './rewrite-graph.ts'
import type { Weights } from './weights.ts'

/**
 * Weights take 7 bits: on a processor without VNNI the product adds pairs of 8-bit products in 16 bits, and two of 255 · 127
 * would not fit.
 */
const LARGEST = 63
const PREFIX = { weight: 'int8:', scales: 'scales:' }

/** A graph with each `linear` of a parameter in integers. */
export const withInt8Products = (graph: Graph): Graph =>
  rewriteGraph(graph, (tensors) =>
    rewrite(tensors, (x) => {
      if (!is(x, 'matmul') || !x.attributes.transposeB || x.shape.length !== 2) return x
      const [from, matrix] = x.inputs as [Tensor, Tensor]
      if (!is(matrix, 'input')) return x
      const { name } = matrix.attributes
      const [outer, inner] = matrix.shape as [number, number]
      return int8Linear(
        from,
        state(`${PREFIX.weight}${name}`, [inner, outer], 'int8'),
        state(`${PREFIX.scales}${name}`, [outer]),
      )
    }),
  )

export interface Int8Weights {
  /** Of what `withInt8Products` makes of this model's graphs. */
  states: Readonly<Record<string, State>>
  /** Rounds the weights as they are now. */
  update(): Promise<void>
}

export function createInt8Weights(runtime: Runtime, config: DecoderConfig, weights: Weights): Int8Weights {
  const graphs = [decodeGraph(config, weights.specs, 1, 64), prefillGraph(config, weights.specs, 1, 1)]
  const outputs = graphs
    .map(withInt8Products)
    .flatMap(({ outputs = {}, assign = {} }) => [...Object.values(outputs), ...Object.values(assign)])
  const states: Record<string, State> = { ...weights.states }
  const matrices = topologicalOrder(outputs).flatMap((x) => {
    if (!is(x, 'input') || x.dtype !== 'int8' || x.attributes.name in states) return []
    const [inner, outer] = x.shape as [number, number]
    const name = x.attributes.name.slice(PREFIX.weight.length)
    const matrix = { name, inner, outer, data: new Int8Array(inner * outer), scales: new Float32Array(outer) }
    states[x.attributes.name] = runtime.create(x.shape, 'int8', matrix.data)
    states[`${PREFIX.scales}${name}`] = runtime.create([outer], 'float32', matrix.scales)
    return [matrix]
  })
  return {
    states,
    async update() {
      for (const { name, inner, outer, data, scales } of matrices) {
        roundRows(await weights.states[name]!.read(), inner, outer, data, scales)
        states[`${PREFIX.weight}${name}`]!.write(data)
        states[`${PREFIX.scales}${name}`]!.write(scales)
      }
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
