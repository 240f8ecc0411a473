/**
 * The operations that decoder transformers, expert routing and the losses need. Names and meanings are NumPy's where
 * NumPy has them; axes may be negative.
 */
import { broadcastShape, type DType, type Shape, sizeOf, type Tensor, tensor } from './tensor.ts'

/** A number stands for a tensor of its own, without axes. */
export type Operand = Tensor | number

export const input = (name: string, shape: Shape, dtype: DType = 'float32'): Tensor =>
  tensor('input', [], { name }, shape, dtype)

/** What a runtime holds under this name in a run. */
export const state = (name: string, shape: Shape, dtype: DType = 'float32'): Tensor =>
  tensor('input', [], { name, state: true }, shape, dtype)

export const constant = (values: ArrayLike<number>, shape: Shape, dtype: DType = 'float32'): Tensor =>
  tensor('constant', [], { data: Float64Array.from(values) }, shape, dtype)

/** The numbers from 0 on, as many as the shape holds. */
export const arange = (shape: Shape, dtype: DType = 'float32'): Tensor =>
  constant(
    Array.from({ length: sizeOf(shape) }, (_, i) => i),
    shape,
    dtype,
  )

export const scalar = (value: number, dtype: DType = 'float32'): Tensor => constant([value], [], dtype)

const lift = (x: Operand, dtype: DType): Tensor => (typeof x === 'number' ? scalar(x, dtype) : x)

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'minimum' | 'maximum'
type Comparison = 'less' | 'lessOrEqual' | 'equal' | 'and'

function binary(operation: Binary | Comparison, a: Operand, b: Operand, dtype?: DType): Tensor {
  const known = typeof a === 'number' ? (typeof b === 'number' ? 'float32' : b.dtype) : a.dtype
  const x = lift(a, known)
  const y = lift(b, known)
  if (x.dtype !== y.dtype) throw new Error(`${operation}: ${x.dtype} with ${y.dtype}`)
  return tensor(operation, [x, y], {}, broadcastShape(x.shape, y.shape), dtype ?? known)
}

export const add = (a: Operand, b: Operand): Tensor => binary('add', a, b)
export const sub = (a: Operand, b: Operand): Tensor => binary('sub', a, b)
export const mul = (a: Operand, b: Operand): Tensor => binary('mul', a, b)
export const div = (a: Operand, b: Operand): Tensor => binary('div', a, b)
/** Ties send the gradient to the first operand. */
export const minimum = (a: Operand, b: Operand): Tensor => binary('minimum', a, b)
/** Ties send the gradient to the first operand. */
export const maximum = (a: Operand, b: Operand): Tensor => binary('maximum', a, b)
export const clip = (x: Tensor, low: number, high: number): Tensor => minimum(maximum(x, low), high)

export const less = (a: Operand, b: Operand): Tensor => binary('less', a, b, 'bool')
export const lessOrEqual = (a: Operand, b: Operand): Tensor => binary('lessOrEqual', a, b, 'bool')
export const equal = (a: Operand, b: Operand): Tensor => binary('equal', a, b, 'bool')
export const and = (a: Tensor, b: Tensor): Tensor => binary('and', a, b, 'bool')
export const not = (x: Tensor): Tensor => tensor('not', [x], {}, x.shape, 'bool')
/** Neither infinite nor NaN. */
export const finite = (x: Tensor): Tensor => tensor('finite', [x], {}, x.shape, 'bool')

/** `condition ? a : b`, broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const dtype = typeof a === 'number' ? (typeof b === 'number' ? 'float32' : b.dtype) : a.dtype
  const x = lift(a, dtype)
  const y = lift(b, dtype)
  const shape = broadcastShape(condition.shape, broadcastShape(x.shape, y.shape))
  return tensor('where', [condition, x, y], {}, shape, dtype)
}

export const cast = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : tensor('cast', [x], {}, x.shape, dtype)

type Unary = 'neg' | 'exp' | 'log' | 'sqrt' | 'abs' | 'sign' | 'sigmoid' | 'silu' | 'stopGradient'
const unary =
  (operation: Unary) =>
  (x: Tensor): Tensor =>
    tensor(operation, [x], {}, x.shape, x.dtype)

export const neg = unary('neg')
export const exp = unary('exp')
export const log = unary('log')
export const sqrt = unary('sqrt')
export const abs = unary('abs')
/** -1, 0 or 1; no gradient. */
export const sign = unary('sign')
export const sigmoid = unary('sigmoid')
/** x · sigmoid(x) */
export const silu = unary('silu')
/** The value of x, through which no gradient flows. */
export const stopGradient = unary('stopGradient')

export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sizeOf(shape) !== sizeOf(x.shape)) throw new Error(`reshape: [${x.shape}] to [${shape}]`)
  return tensor('reshape', [x], {}, shape, x.dtype)
}

/** Broadcasts to a larger shape. */
export const expand = (x: Tensor, shape: Shape): Tensor =>
  x.shape.length === shape.length && x.shape.every((size, i) => size === shape[i])
    ? x
    : tensor('expand', [x], {}, broadcastShape(x.shape, shape), x.dtype)

export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  tensor(
    'transpose',
    [x],
    { permutation },
    permutation.map((axis) => x.shape[axis]!),
    x.dtype,
  )

const wrap = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

/** Elements [start, end) along one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = wrap(axis, x.shape.length)
  if (start < 0 || end > x.shape[at]! || start > end)
    throw new Error(`slice: [${start}, ${end}) of axis ${at} of [${x.shape}]`)
  if (start === 0 && end === x.shape[at]) return x
  return tensor(
    'slice',
    [x],
    { axis: at, start, end },
    x.shape.map((n, i) => (i === at ? end - start : n)),
    x.dtype,
  )
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0]!
  if (parts.length === 1) return first
  const at = wrap(axis, first.shape.length)
  const length = parts.reduce((sum, part) => sum + part.shape[at]!, 0)
  return tensor(
    'concat',
    parts,
    { axis: at },
    first.shape.map((n, i) => (i === at ? length : n)),
    first.dtype,
  )
}

/** Sum over the given axes (all by default); the axes stay with size 1 where `keep` is set. */
export function sum(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const over = (axes ?? x.shape.map((_, i) => i)).map((axis) => wrap(axis, x.shape.length))
  const kept = x.shape.map((size, i) => (over.includes(i) ? 1 : size))
  const reduced = over.length === 0 ? x : tensor('sum', [x], { axes: over }, kept, x.dtype)
  return keep
    ? reduced
    : reshape(
        reduced,
        x.shape.filter((_, i) => !over.includes(i)),
      )
}

/** Largest value along an axis, which stays with size 1; no gradient. */
export const max = (x: Tensor, axis = -1): Tensor => {
  const at = wrap(axis, x.shape.length)
  return tensor(
    'max',
    [x],
    { axis: at },
    x.shape.map((n, i) => (i === at ? 1 : n)),
    x.dtype,
  )
}

/** `scale · op(a) · op(b)` over the last two axes; the leading axes must be equal. */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, scale = 1 } = {},
): Tensor {
  const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!]
  const [k2, n] = transposeB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!]
  const batch = a.shape.slice(0, -2)
  if (k !== k2 || batch.join() !== b.shape.slice(0, -2).join())
    throw new Error(`matmul: [${a.shape}]${transposeA ? 'ᵀ' : ''} by [${b.shape}]${transposeB ? 'ᵀ' : ''}`)
  return tensor('matmul', [a, b], { transposeA, transposeB, scale }, [...batch, m, n])
}

/** `x Wᵀ` for a weight of shape [out, in], as checkpoints store it. */
export const linear = (x: Tensor, weight: Tensor): Tensor => matmul(x, weight, { transposeB: true })

/** Over the last axis. */
export const softmax = (x: Tensor): Tensor => tensor('softmax', [x], {}, x.shape)
/** Over the last axis. */
export const logSoftmax = (x: Tensor): Tensor => tensor('logSoftmax', [x], {}, x.shape)

/** `x / sqrt(mean(x²) + ε)` over the last axis: RMSNorm (arXiv 1910.07467) without its gain. */
export const rmsNormalize = (x: Tensor, epsilon: number): Tensor =>
  tensor('rmsNormalize', [x], { epsilon }, x.shape)

/**
 * Rotary position embedding (arXiv 2104.09864). x is [B, T, H·d] or [B, H, T, d], positions [B, T] int64, cos and sin
 * [P, d/2]. Pairs are (i, i + d/2), or neighbours where `interleaved`.
 */
export const rotary = (x: Tensor, positions: Tensor, cos: Tensor, sin: Tensor, interleaved = false): Tensor =>
  tensor('rotary', [x, positions, cos, sin], { interleaved }, x.shape)

/** Rows of x [N, …] at indices [I…] (int64): [I…, …]. */
export const gather = (x: Tensor, indices: Tensor): Tensor =>
  tensor('gather', [x, indices], {}, [...indices.shape, ...x.shape.slice(1)], x.dtype)

/** Zeros [rows, …] to which update i [I, …] is added at row indices[i] (int64 [I]). */
export function scatterAdd(rows: number, indices: Tensor, updates: Tensor): Tensor {
  const zeros = expand(scalar(0), [rows, ...updates.shape.slice(1)])
  return tensor('scatterAdd', [zeros, reshape(indices, [indices.shape[0]!, 1]), updates], {}, zeros.shape)
}

/** x [N, V] at indices [N, K] (int64) along the last axis: [N, K]. */
export const gatherElements = (x: Tensor, indices: Tensor): Tensor =>
  tensor('gatherElements', [x, indices], {}, indices.shape, x.dtype)

/** `x` with updates [N, K] added at indices [N, K] (int64) along the last axis. */
export const scatterElementsAdd = (x: Tensor, indices: Tensor, updates: Tensor): Tensor =>
  tensor('scatterElementsAdd', [x, indices, updates], {}, x.shape)

/** Indices (int64) of the k largest along the last axis, largest first. */
export const topK = (x: Tensor, k: number): Tensor =>
  tensor('topK', [x], { k }, [...x.shape.slice(0, -1), k], 'int64')

/** Rows of x [M, …] at `order`, a permutation (int64 [M]) whose inverse is `inverse`. */
export const permuteRows = (x: Tensor, order: Tensor, inverse: Tensor): Tensor =>
  tensor('permuteRows', [x, order, inverse], {}, x.shape, x.dtype)

/**
 * Rows of x [M, K] that lie in groups, `counts` (int64 [G]) rows in each, in order: those of group g times the
 * transpose of `weights[g]`, [N, K] each. With `transpose` times the weight itself, [K, N] each. Groups may be empty.
 */
export function groupedLinear(
  x: Tensor,
  counts: Tensor,
  weights: readonly Tensor[],
  transpose = false,
): Tensor {
  const [inner, outer] = transpose ? [0, 1] : [1, 0]
  const [first] = weights
  if (weights.some(({ shape }) => shape[inner] !== x.shape[1] || shape[outer] !== first!.shape[outer]))
    throw new Error(`groupedLinear: [${x.shape}] by ${weights.map(({ shape }) => `[${shape}]`)}`)
  const shape = [x.shape[0]!, first!.shape[outer]!]
  return tensor('groupedLinear', [x, counts, ...weights], { transpose }, shape)
}

/** `aᵀ b` over the rows of one group, see `groupedLinear`: a [M, N], b [M, K] -> [N, K]; zeros for an empty group. */
export const groupedProduct = (a: Tensor, b: Tensor, counts: Tensor, group: number): Tensor =>
  tensor('groupedProduct', [a, b, counts], { group }, [a.shape[1]!, b.shape[1]!])

/**
 * `x Wᵀ` in 8-bit integers: weight [in, out] int8 times `scales` [out] is W, and each row of x [N, in] is rounded to
 * multiples of 1/127 of its largest magnitude. No row depends on another. No gradient.
 */
export const int8Linear = (x: Tensor, weight: Tensor, scales: Tensor): Tensor =>
  tensor('int8Linear', [x, weight, scales], {}, [x.shape[0]!, weight.shape[1]!])

/**
 * `cache` [R, H, C, E], in which row r has `rows` [R, H, T, E] at positions starts[r] (int64 [R]) and after. Only as a new
 * value of the state `cache`: a runtime writes it where it lies.
 */
export const writeRows = (cache: Tensor, starts: Tensor, rows: Tensor): Tensor =>
  tensor('writeRows', [cache, starts, rows], {}, cache.shape)

/**
 * A token for each row of scores [R, V], see draw.ts: the token, its `logprobs` and its log-probability in the distribution
 * drawn from, [R, 3]. `weights` are probabilities after the temperature; `options` [R, 3] are 1 / temperature (0 is greedy),
 * top-k and top-p,
 * and `uniforms` [R] numbers in [0, 1). Only as a graph's output.
 */
export const draw = (logprobs: Tensor, weights: Tensor, options: Tensor, uniforms: Tensor): Tensor =>
  tensor('draw', [logprobs, weights, options, uniforms], {}, [logprobs.shape[0]!, 3])

/** log softmax(logits)[target] for each row: logits [N, V], targets [N] int64 -> [N]. */
export const targetLogProbs = (logits: Tensor, targets: Tensor): Tensor =>
  reshape(gatherElements(logSoftmax(logits), reshape(targets, [targets.shape[0]!, 1])), targets.shape)
