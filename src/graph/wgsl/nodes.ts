/**
 * The few operations that kernels are made of. Equal nodes are one node, so what a graph computes twice is computed
 * once. `lower.ts` makes them from tensors.
 */
import { isPacked, PACKED, type Packed, packedBytes } from '../packed.ts'
import { type DType, type Shape, sizeOf } from '../tensor.ts'

/** What a kernel computes with. A bool is stored as 32 bits; `i8` and packed numbers take less, and are only read. */
export type ElementType = 'f32' | 'i32' | 'bool' | 'i8' | Packed

/** What holds a tensor's numbers. */
export const ELEMENT_TYPES: Record<DType, ElementType> = {
  float32: 'f32',
  int32: 'i32',
  int64: 'i32',
  bool: 'bool',
  int8: 'i8',
  ...(Object.fromEntries(Object.keys(PACKED).map((name) => [name, name])) as { [Name in Packed]: Name }),
}

/** Bytes in memory, whole words. */
export const bytesOf = ({ shape, type }: Pick<Node, 'shape' | 'type'>): number => {
  const size = sizeOf(shape)
  const bytes = isPacked(type) ? packedBytes(type, size) : type === 'i8' ? size : 4 * size
  return Math.ceil(bytes / 4) * 4
}

/** Computed element by element; the operands broadcast. */
const POINTWISE = [
  'add',
  'sub',
  'mul',
  'div',
  'minimum',
  'maximum',
  'neg',
  'exp',
  'log',
  'sqrt',
  'abs',
  'sign',
  'round',
  'sigmoid',
  'silu',
  'less',
  'lessOrEqual',
  'equal',
  'and',
  'not',
  'where',
  'cast',
  'finite',
  'identity',
] as const
export type Pointwise = (typeof POINTWISE)[number]
/** The same numbers in another order, or some of them. */
type View = 'reshape' | 'transpose' | 'slice' | 'expand'
export type NodeOperation =
  | Pointwise
  | View
  /** In memory before the graph runs. */
  | 'input'
  | 'constant'
  /** One number, and the index along one axis: both are written into kernels. */
  | 'scalar'
  | 'iota'
  | 'concat'
  | 'gather'
  | 'gatherElements'
  | 'rotary'
  | 'sum'
  | 'max'
  /** [.., M, K] by [.., K, N]. */
  | 'matmul'
  /** Indices [I] in ascending order, and where each stood: [2, I]. */
  | 'sortIndices'
  /** Rows [I, W] added up by their sorted indices: [rows, W]. */
  | 'addRows'
  | 'topK'
  /** Rows of a cache, written where the cache lies; and tokens drawn from scores. */
  | 'writeRows'
  /** Those of attention.ts. */
  | 'attention'
  | 'attentionStatistics'
  | 'attentionGradient'
  | 'cachedAttention'
  | 'draw'
  | 'groupedLinear'
  | 'groupedProduct'

interface NodeAttributes {
  name?: string
  /** Of an input: on the device already; all others come with every run. */
  state?: boolean
  value?: number
  data?: Float64Array
  permutation?: readonly number[]
  axis?: number
  axes?: readonly number[]
  start?: number
  scale?: number
  interleaved?: boolean
  transpose?: boolean
  group?: number
  of?: 'queries' | 'keysAndValues'
  /** Of attention: rows, tokens, query heads, key heads, head size and cached positions. */
  sizes?: readonly number[]
}

export interface Node {
  /** Higher than those of its inputs. */
  readonly id: number
  readonly operation: NodeOperation
  readonly inputs: readonly Node[]
  readonly attributes: NodeAttributes
  readonly shape: Shape
  readonly type: ElementType
}

const VIEWS = new Set<NodeOperation>(['reshape', 'transpose', 'slice', 'expand'])
const POINTWISE_SET = new Set<NodeOperation>(POINTWISE)
export const isView = ({ operation }: Node): boolean => VIEWS.has(operation)
export const isPointwise = ({ operation }: Node): boolean => POINTWISE_SET.has(operation)
/** In memory from the start. */
export const isSource = ({ operation }: Node): boolean => operation === 'input' || operation === 'constant'
/** Never in memory. */
export const isImmediate = ({ operation }: Node): boolean => operation === 'scalar' || operation === 'iota'

export type Make = (
  operation: NodeOperation,
  inputs: readonly Node[],
  shape: Shape,
  type: ElementType,
  attributes?: NodeAttributes,
) => Node

const same = (a: Shape, b: Shape) => a.length === b.length && a.every((size, i) => size === b[i])

/** A function that makes nodes and gives an equal one where there is one. */
export function createNodes(): Make {
  const known = new Map<string, Node>()
  const dataKeys = new Map<Float64Array, number>()
  let count = 0

  function keyOf(data: Float64Array): string {
    if (data.length <= 64) return data.join()
    const key = dataKeys.get(data) ?? dataKeys.size
    dataKeys.set(data, key)
    return `data ${key}`
  }

  return function make(operation, inputs, shape, type, attributes = {}): Node {
    const [from] = inputs
    if (operation === 'reshape') {
      if (same(shape, from!.shape)) return from!
      if (from!.operation === 'reshape') return make('reshape', from!.inputs, shape, type)
    }
    if (operation === 'expand' && same(shape, from!.shape)) return from!
    if (operation === 'transpose') {
      // What moves axes of one element alone leaves the numbers where they are.
      const moved = attributes.permutation!.filter((axis) => from!.shape[axis] !== 1)
      if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!))
        return make('reshape', [from!], shape, type)
    }
    if ((operation === 'sum' || operation === 'max') && sizeOf(shape) === sizeOf(from!.shape))
      return make('reshape', [from!], shape, type)
    const { data, ...rest } = attributes
    const suffix = data === undefined ? '' : keyOf(data)
    const key = `${operation}(${inputs.map(({ id }) => id)})${type}[${shape}]${JSON.stringify(rest)}${suffix}`
    const existing = known.get(key)
    if (existing !== undefined) return existing
    const node = { id: count++, operation, inputs, attributes, shape, type }
    known.set(key, node)
    return node
  }
}
