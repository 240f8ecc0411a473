/** Frozen weights that take fewer bytes: graphs widen them where they read them (graph/packed.ts). */
import { cast, state } from '../../graph/operations.ts'
import type { Packed } from '../../graph/packed.ts'
import { rewrite } from '../../graph/rewrite.ts'
import { is } from '../../graph/tensor.ts'
import type { Graph } from '../../runtime/runtime.ts'
import { rewriteGraph } from './rewrite-graph.ts'

/** By the parameters' names; those without are float32. */
export type PackedTypes = ReadonlyMap<string, Packed>

/**
 * Without embedding and head. A CPU widens a matrix for the product that reads it, and of these two, which are the largest, it would do
 * so for every token.
 */
export const inLayers = (types: PackedTypes): PackedTypes =>
  new Map([...types].filter(([name]) => name.includes('.layers.')))

/** The graph that reads these states packed. */
export const withPackedWeights = (graph: Graph, types: PackedTypes): Graph =>
  rewriteGraph(graph, (tensors) =>
    rewrite(tensors, (x) => {
      const type = is(x, 'input') && x.attributes.state ? types.get(x.attributes.name) : undefined
      if (type === undefined) return x
      return cast(state((x.attributes as { name: string }).name, x.shape, type), 'float32')
    }),
  )
