/**
 * Tensors in terms of the nodes that kernels are made of. Row operations (softmax, log-softmax, RMSNorm) become
 * reductions and pointwise work, which are fused again with whatever stands around them.
 */
import { isPacked } from '../packed.ts'
import { is, type Shape, sizeOf, type Tensor, topologicalOrder } from '../tensor.ts'
import {
  createNodes,
  ELEMENT_TYPES,
  type ElementType,
  isImmediate,
  isSource,
  isView,
  type Node,
  type Pointwise,
} from './nodes.ts'

/** A sum of more numbers than this into few is done in two steps. */
const LONG_SUM = 2 ** 14

/** The nodes of `outputs` and of `assigned`, in their order; those of the latter are all different. */
export function lower(
  outputs: readonly Tensor[],
  assigned: readonly Tensor[] = [],
): { outputs: Node[]; assigned: Node[] } {
  const make = createNodes()
  const lowered = new Map<Tensor, Node>()
  const at = (x: Tensor) => lowered.get(x)!
  const scalar = (value: number, type: ElementType = 'f32') => make('scalar', [], [], type, { value })
  const pointwise = (operation: Pointwise, ...inputs: Node[]): Node => {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length))
    const shape = Array.from({ length: rank }, (_, axis) =>
      Math.max(...inputs.map((input) => input.shape[axis - rank + input.shape.length] ?? 1)),
    )
    const compares = operation === 'equal' || operation === 'less'
    return make(operation, inputs, shape, compares ? 'bool' : computedType(inputs.at(-1)!.type))
  }
  const reshape = (x: Node, shape: Shape) => make('reshape', [x], shape, computedType(x.type))
  const swapLast = (x: Node) => {
    const rank = x.shape.length
    const permutation = [...x.shape.keys()]
    permutation.push(...permutation.splice(rank - 2).reverse())
    const shape = permutation.map((axis) => x.shape[axis]!)
    return make('transpose', [x], shape, computedType(x.type), { permutation })
  }
  function reduce(operation: 'sum' | 'max', x: Node, axes: readonly number[]): Node {
    const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    const count = sizeOf(x.shape)
    const rows = sizeOf(shape) === 1 && count > LONG_SUM ? nearSquare(count) : 1
    if (rows === 1) return make(operation, [x], shape, x.type, { axes })
    const parts = reshape(x, [rows, count / rows])
    return reshape(reduce(operation, reduce(operation, parts, [1]), [0]), shape)
  }
  const overLast = (operation: 'sum' | 'max', x: Node) => reduce(operation, x, [x.shape.length - 1])
  const matmul = (a: Node, b: Node, scale: number) =>
    make('matmul', [a, b], [...a.shape.slice(0, -1), b.shape.at(-1)!], 'f32', { scale })

  function node(x: Tensor): Node {
    const inputs = x.inputs.map(at)
    const [a, b, c] = inputs as [Node, Node, Node]
    const type = ELEMENT_TYPES[x.dtype]
    if (is(x, 'input')) return make('input', [], x.shape, type, x.attributes)
    if (is(x, 'constant')) return constant(x, type)
    if (is(x, 'stopGradient')) return a
    // Packed numbers are widened where they are read.
    if (is(x, 'cast') && (a.type === type || isPacked(a.type))) return a
    if (is(x, 'reshape')) return reshape(a, x.shape)
    if (is(x, 'expand')) return make('expand', [a], x.shape, type)
    if (is(x, 'transpose')) {
      const { permutation } = x.attributes
      return make('transpose', [a], x.shape, type, { permutation })
    }
    if (is(x, 'slice')) {
      const { axis, start } = x.attributes
      return make('slice', [a], x.shape, type, { axis, start })
    }
    if (is(x, 'concat')) return make('concat', inputs, x.shape, type, { axis: x.attributes.axis })
    if (is(x, 'sum')) return reduce('sum', a, x.attributes.axes)
    if (is(x, 'max')) return reduce('max', a, [x.attributes.axis])
    if (is(x, 'matmul')) {
      const { transposeA, transposeB, scale } = x.attributes
      return matmul(transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b, scale)
    }
    if (is(x, 'softmax')) {
      const powers = pointwise('exp', pointwise('sub', a, overLast('max', a)))
      return pointwise('div', powers, overLast('sum', powers))
    }
    if (is(x, 'logSoftmax')) {
      const shifted = pointwise('sub', a, overLast('max', a))
      return pointwise('sub', shifted, pointwise('log', overLast('sum', pointwise('exp', shifted))))
    }
    if (is(x, 'rmsNormalize')) {
      // Written as its gradient writes it, so that both share one reduction.
      const n = x.shape.at(-1)!
      const mean = pointwise('mul', overLast('sum', pointwise('mul', a, a)), scalar(1 / n))
      const root = pointwise('sqrt', pointwise('add', mean, scalar(x.attributes.epsilon)))
      return pointwise('mul', a, pointwise('div', scalar(1), root))
    }
    if (is(x, 'rotary')) {
      const { interleaved } = x.attributes
      return make('rotary', inputs, x.shape, type, { interleaved })
    }
    if (is(x, 'gather') || is(x, 'permuteRows')) return make('gather', [a, b], x.shape, type)
    if (is(x, 'gatherElements')) return make('gatherElements', [a, b], x.shape, type)
    if (is(x, 'scatterElementsAdd')) {
      // For each element of the result: the updates whose index is its own.
      const rank = x.shape.length
      const [rows, size, k] = [x.shape.slice(0, -1), x.shape.at(-1)!, b.shape.at(-1)!]
      const column = (y: Node) => reshape(y, [...rows, k, 1])
      const own = make('iota', [], [size], 'i32', { axis: 0 })
      const found = pointwise('where', pointwise('equal', column(b), own), column(c), scalar(0))
      return pointwise('add', a, reshape(reduce('sum', found, [rank - 1]), x.shape))
    }
    if (is(x, 'scatterAdd')) {
      const count = b.shape[0]!
      const sorted = make('sortIndices', [reshape(b, [count])], [2, count], 'i32')
      const width = sizeOf(x.shape.slice(1))
      const rows = reshape(c, [count, width])
      const added = reshape(make('addRows', [sorted, rows], [x.shape[0]!, width], 'f32'), x.shape)
      return isZero(a) ? added : pointwise('add', a, added)
    }
    if (is(x, 'topK')) return make('topK', [a], x.shape, 'i32')
    if (is(x, 'writeRows')) return make('writeRows', [a, reshape(b, [a.shape[0]!]), c], x.shape, type)
    if (
      is(x, 'attention') ||
      is(x, 'attentionStatistics') ||
      is(x, 'attentionGradient') ||
      is(x, 'cachedAttention')
    ) {
      const [query, keys, , past] = x.inputs.map(({ shape }) => shape)
      const [R, T, H, E] = query as [number, number, number, number]
      const sizes = [R, T, H, keys![2]!, E, past![2] ?? 0]
      return make(x.operation, inputs, x.shape, type, { ...x.attributes, sizes })
    }
    if (is(x, 'draw')) return make('draw', inputs, x.shape, type)
    if (is(x, 'groupedLinear')) {
      const { transpose } = x.attributes
      return make('groupedLinear', inputs, x.shape, type, { transpose })
    }
    if (is(x, 'groupedProduct')) return make('groupedProduct', inputs, x.shape, type, x.attributes)
    if (is(x, 'int8Linear')) {
      const largest = pointwise('maximum', overLast('max', pointwise('abs', a)), scalar(1e-30))
      const step = pointwise('mul', largest, scalar(1 / 127))
      const rounded = pointwise('round', pointwise('div', a, step))
      const weight = make('cast', [b], b.shape, 'f32')
      return pointwise('mul', pointwise('mul', matmul(rounded, weight, 1), step), c)
    }
    return make(x.operation as Pointwise, inputs, x.shape, type)
  }

  /** One number and a row of successive numbers need no memory. */
  function constant(x: Tensor<'constant'>, type: ElementType): Node {
    const { data } = x.attributes
    const [first = 0] = data
    const whole = (value: Node) =>
      make(
        'expand',
        [
          reshape(
            value,
            x.shape.map(() => 1),
          ),
        ],
        x.shape,
        type,
      )
    if (data.every((value) => Object.is(value, first))) return whole(scalar(first, type))
    const long = x.shape.indexOf(data.length)
    if (long < 0 || type === 'bool' || data.some((value, i) => value !== i))
      return make('constant', [], x.shape, type, { data })
    const index = make('iota', [], x.shape, 'i32', { axis: long })
    return type === 'i32' ? index : make('cast', [index], x.shape, type)
  }

  /** What holds an output's numbers: a reshape has no memory of its own, and what a caller reads was computed. */
  function computed(x: Node): Node {
    if (x.operation === 'reshape') return computed(x.inputs[0]!)
    return isSource(x) || isImmediate(x) ? make('identity', [x], x.shape, computedType(x.type)) : x
  }

  for (const x of topologicalOrder([...outputs, ...assigned])) lowered.set(x, node(x))
  const taken = new Set<Node>()
  return {
    outputs: outputs.map((x) => computed(at(x))),
    assigned: assigned.map((x, i) => {
      const value = computed(at(x))
      const own = isView(value) || taken.has(value)
      const node = own ? make('identity', [value], value.shape, value.type, { name: `${i}` }) : value
      taken.add(node)
      return node
    }),
  }
}

/** What a kernel has once it has read this. */
const computedType = (type: ElementType): ElementType => (isPacked(type) ? 'f32' : type)

/** Zeros before they are known as such. */
const isZero = (x: Node): boolean =>
  x.operation === 'scalar'
    ? x.attributes.value === 0
    : (x.operation === 'expand' || x.operation === 'reshape') && isZero(x.inputs[0]!)

/** The largest divisor that is not above the root. */
function nearSquare(count: number): number {
  let divisor = Math.floor(Math.sqrt(count))
  while (count % divisor !== 0) divisor--
  return divisor
}
