/** Reverse-mode differentiation: extends a graph by the gradient of a scalar. */
import { attentionGradients } from './attention.ts'
import {
  add,
  concat,
  constant,
  div,
  exp,
  expand,
  gather,
  gatherElements,
  groupedLinear,
  groupedProduct,
  lessOrEqual,
  matmul,
  mul,
  neg,
  not,
  permuteRows,
  reshape,
  rotary,
  scalar,
  scatterAdd,
  scatterElementsAdd,
  sigmoid,
  sign,
  slice,
  sqrt,
  sub,
  sum,
  transpose,
  where,
} from './operations.ts'
import { recomputation, type Segment } from './recompute.ts'
import { is, type Operation, type Shape, sizeOf, type Tensor, topologicalOrder } from './tensor.ts'

/**
 * dL/dx for each x of `wrt`; zeros where the loss does not depend on it. What `segments` compute is not kept for it but
 * computed again, one segment at a time.
 */
export function differentiate(
  loss: Tensor,
  wrt: readonly Tensor[],
  segments: readonly Segment[] = [],
): Tensor[] {
  if (sizeOf(loss.shape) !== 1) throw new Error(`differentiate: the loss has shape [${loss.shape}]`)
  const order = topologicalOrder([loss])
  const needed = new Set<Tensor>(wrt)
  for (const x of order)
    if (x.inputs.some((from) => needed.has(from)) && !STOPS.has(x.operation)) needed.add(x)

  const gradients = new Map<Tensor, Tensor>([[loss, constant([1], loss.shape)]])
  const { segmentOf, again, original } = recomputation(segments)
  /** What must be done before a segment's second time: the gradients of the one before, or the segment's own outputs'. */
  const before = new Map<Segment, Tensor[]>()
  let current: Segment | undefined
  const done = new Set<Tensor>()
  for (const x of order.reverse()) {
    const dx = gradients.get(x)
    if (dx === undefined || x.inputs.length === 0 || !needed.has(x)) continue
    const segment = segmentOf(x)
    if (segment !== undefined && segment !== current) {
      const last = current === undefined ? [] : [current.from, ...done]
      if (!before.has(segment)) before.set(segment, [dx, ...last.flatMap((y) => gradients.get(y) ?? [])])
      current = segment
      done.clear()
    }
    const twin = again(x, (original) => before.get(original)!)
    for (const [late, term] of pullback(twin, dx, (from) => needed.has(original(from)))) {
      const from = original(late)
      const sofar = gradients.get(from)
      gradients.set(from, sofar === undefined ? term : add(sofar, term))
      if (from.inputs.length === 0) done.add(from)
    }
  }
  return wrt.map((x) => gradients.get(x) ?? zeros(x.shape))
}

const zeros = (shape: Shape) => expand(scalar(0), shape)

/** Operations whose results carry no gradient. */
const STOPS = new Set<Operation>([
  'stopGradient',
  'sign',
  'max',
  'topK',
  'less',
  'lessOrEqual',
  'equal',
  'and',
  'not',
  'finite',
  'cast',
])

type Term = [Tensor, Tensor]

/** The terms that x's gradient adds to those of its inputs. */
function pullback(x: Tensor, dx: Tensor, wanted: (x: Tensor) => boolean): Term[] {
  const [a, b, c] = x.inputs as [Tensor, Tensor, Tensor]
  /** To a broadcast operand; terms nobody wants are not built. */
  const to = (operand: Tensor, term: () => Tensor): Term[] =>
    wanted(operand) ? [[operand, sumTo(term(), operand.shape)]] : []

  if (is(x, 'add')) return [...to(a, () => dx), ...to(b, () => dx)]
  if (is(x, 'sub')) return [...to(a, () => dx), ...to(b, () => neg(dx))]
  if (is(x, 'mul')) return [...to(a, () => mul(dx, b)), ...to(b, () => mul(dx, a))]
  if (is(x, 'div')) return [...to(a, () => div(dx, b)), ...to(b, () => neg(div(mul(dx, x), b)))]
  if (is(x, 'minimum') || is(x, 'maximum')) {
    const first = is(x, 'minimum') ? lessOrEqual(a, b) : lessOrEqual(b, a)
    return [...to(a, () => where(first, dx, 0)), ...to(b, () => where(not(first), dx, 0))]
  }
  if (is(x, 'where')) return [...to(b, () => where(a, dx, 0)), ...to(c, () => where(a, 0, dx))]
  if (is(x, 'neg')) return [[a, neg(dx)]]
  if (is(x, 'exp')) return [[a, mul(dx, x)]]
  if (is(x, 'log')) return [[a, div(dx, a)]]
  if (is(x, 'sqrt')) return [[a, div(mul(dx, 0.5), x)]]
  if (is(x, 'abs')) return [[a, mul(dx, sign(a))]]
  if (is(x, 'sigmoid')) return [[a, mul(dx, mul(x, sub(1, x)))]]
  if (is(x, 'silu')) {
    const s = sigmoid(a)
    return [[a, mul(dx, add(s, mul(x, sub(1, s))))]]
  }
  if (is(x, 'reshape')) return [[a, reshape(dx, a.shape)]]
  if (is(x, 'expand')) return [[a, sumTo(dx, a.shape)]]
  if (is(x, 'transpose')) {
    const inverse: number[] = []
    x.attributes.permutation.forEach((from, to) => {
      inverse[from] = to
    })
    return [[a, transpose(dx, inverse)]]
  }
  if (is(x, 'slice')) {
    const { axis, start, end } = x.attributes
    const pad = (size: number) => zeros(a.shape.map((n, i) => (i === axis ? size : n)))
    const parts = [pad(start), dx, pad(a.shape[axis]! - end)]
    return [
      [
        a,
        concat(
          parts.filter((part) => part.shape[axis]! > 0),
          axis,
        ),
      ],
    ]
  }
  if (is(x, 'concat')) {
    let start = 0
    return x.inputs.flatMap((part) => {
      const size = part.shape[x.attributes.axis]!
      start += size
      return wanted(part) ? [[part, slice(dx, x.attributes.axis, start - size, start)] satisfies Term] : []
    })
  }
  if (is(x, 'sum')) return [[a, expand(dx, a.shape)]]
  if (is(x, 'matmul')) return matmulPullback(x, dx, wanted)
  if (is(x, 'softmax')) return [[a, mul(x, sub(dx, sum(mul(dx, x), [-1], true)))]]
  if (is(x, 'logSoftmax')) return [[a, sub(dx, mul(exp(x), sum(dx, [-1], true)))]]
  if (is(x, 'rmsNormalize')) {
    // y = x·r, r = (mean x² + ε)^-½:  dx = r·(dy − y·mean(dy·y))
    const { epsilon } = x.attributes
    const n = a.shape.at(-1)!
    const inverseNorm = div(1, sqrt(add(mul(sum(mul(a, a), [-1], true), 1 / n), epsilon)))
    return [[a, mul(inverseNorm, sub(dx, mul(x, mul(sum(mul(dx, x), [-1], true), 1 / n))))]]
  }
  if (is(x, 'rotary')) return [[a, rotary(dx, b, c, neg(x.inputs[3]!), x.attributes.interleaved)]]
  if (is(x, 'gather')) {
    const rows = sizeOf(b.shape)
    const updates = reshape(dx, [rows, ...a.shape.slice(1)])
    return wanted(a) ? [[a, scatterAdd(a.shape[0]!, reshape(b, [rows]), updates)]] : []
  }
  if (is(x, 'scatterAdd')) return wanted(c) ? [[c, gather(dx, reshape(b, [b.shape[0]!]))]] : []
  if (is(x, 'gatherElements')) return [[a, scatterElementsAdd(zeros(a.shape), b, dx)]]
  if (is(x, 'scatterElementsAdd'))
    return [
      ...(wanted(a) ? [[a, dx] satisfies Term] : []),
      ...(wanted(c) ? [[c, gatherElements(dx, b)] satisfies Term] : []),
    ]
  if (is(x, 'attention')) {
    const [dq, dk, dv] = attentionGradients(x, dx)
    return [
      [a, dq],
      [b, dk],
      [c, dv],
    ]
  }
  if (is(x, 'permuteRows')) return [[a, permuteRows(dx, c, b)]]
  if (is(x, 'groupedLinear')) {
    const { transpose } = x.attributes
    const weights = x.inputs.slice(2)
    return [
      ...(wanted(a) ? [[a, groupedLinear(dx, b, weights, !transpose)] satisfies Term] : []),
      ...weights.flatMap((weight, group) =>
        wanted(weight)
          ? [
              [
                weight,
                transpose ? groupedProduct(a, dx, b, group) : groupedProduct(dx, a, b, group),
              ] satisfies Term,
            ]
          : [],
      ),
    ]
  }
  throw new Error(`${x.operation} has no derivative`)
}

function matmulPullback(x: Tensor<'matmul'>, dx: Tensor, wanted: (x: Tensor) => boolean): Term[] {
  const { transposeA, transposeB, scale } = x.attributes
  const [a, b] = x.inputs as [Tensor, Tensor]
  const terms: Term[] = []
  if (wanted(a))
    terms.push([
      a,
      transposeA
        ? matmul(b, dx, { transposeA: transposeB, transposeB: true, scale })
        : matmul(dx, b, { transposeB: !transposeB, scale }),
    ])
  if (wanted(b))
    terms.push([
      b,
      transposeB
        ? matmul(dx, a, { transposeA: true, transposeB: transposeA, scale })
        : matmul(a, dx, { transposeA: !transposeA, scale }),
    ])
  return terms
}

/** Sums a broadcast gradient back to its operand's shape. */
function sumTo(dx: Tensor, shape: Shape): Tensor {
  const extra = dx.shape.length - shape.length
  const axes = dx.shape
    .map((_, i) => i)
    .filter((i) => i < extra || (shape[i - extra] === 1 && dx.shape[i] !== 1))
  return reshape(sum(dx, axes, true), shape)
}
