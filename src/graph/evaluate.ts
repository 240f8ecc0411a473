/**
 * A float64 interpreter of tensor graphs: slow, short and exact. The fast runtime is tested against it, gradients
 * are tested against its finite differences, and remote engines take an objective's coefficients from it.
 */
import { composed } from './composed-attention.ts'
import { createDraw, drawRows } from './draw.ts'
import { input } from './operations.ts'
import { onInputs } from './rewrite.ts'
import { is, type Shape, sizeOf, type Tensor, topologicalOrder } from './tensor.ts'

export type Feeds = Readonly<Record<string, ArrayLike<number>>>

/** The values of `outputs`; every `input` node takes its value from `feeds` by name. */
export function evaluate(outputs: readonly Tensor[], feeds: Feeds = {}): Float64Array[] {
  const values = new Map<Tensor, Float64Array>()
  for (const x of topologicalOrder(outputs)) {
    const value = compute(
      x,
      x.inputs.map((from) => values.get(from)!),
      feeds,
    )
    if (value.length !== sizeOf(x.shape))
      throw new Error(`${x.operation}: ${value.length} values for shape [${x.shape}]`)
    values.set(x, value)
  }
  return outputs.map((x) => values.get(x)!)
}

export const UNARY: Record<string, (a: number) => number> = {
  neg: (a) => -a,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: Math.sign,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  silu: (a) => a / (1 + Math.exp(-a)),
  not: (a) => 1 - a,
  finite: (a) => Number(Number.isFinite(a)),
  stopGradient: (a) => a,
}

export const BINARY: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  minimum: Math.min,
  maximum: Math.max,
  less: (a, b) => Number(a < b),
  lessOrEqual: (a, b) => Number(a <= b),
  equal: (a, b) => Number(a === b),
  and: (a, b) => a * b,
}

function compute(x: Tensor, inputs: Float64Array[], feeds: Feeds): Float64Array {
  const [a, b, c] = inputs as [Float64Array, Float64Array, Float64Array]
  const shapes = x.inputs.map((from) => from.shape)
  const unary = UNARY[x.operation]
  if (unary !== undefined) return a.map(unary)
  const binary = BINARY[x.operation]
  if (binary !== undefined) {
    const at = strides(shapes[0]!, x.shape)
    const bt = strides(shapes[1]!, x.shape)
    return fill(x.shape, (index) => binary(a[offset(index, at)]!, b[offset(index, bt)]!))
  }
  if (is(x, 'input')) {
    const value = feeds[x.attributes.name]
    if (value === undefined) throw new Error(`evaluate: nothing fed for input ${x.attributes.name}`)
    return Float64Array.from(value as ArrayLike<number>, Number)
  }
  if (is(x, 'constant')) return x.attributes.data
  if (is(x, 'where')) {
    const [st, at, bt] = shapes.map((shape) => strides(shape, x.shape)) as [number[], number[], number[]]
    return fill(x.shape, (i) => (a[offset(i, st)]! ? b[offset(i, at)]! : c[offset(i, bt)]!))
  }
  if (is(x, 'cast'))
    return x.dtype === 'float32' ? a : a.map(x.dtype === 'bool' ? (v) => Number(v !== 0) : Math.trunc)
  if (is(x, 'reshape')) return a
  if (is(x, 'expand')) {
    const at = strides(shapes[0]!, x.shape)
    return fill(x.shape, (index) => a[offset(index, at)]!)
  }
  if (is(x, 'transpose')) {
    const from = strides(shapes[0]!, shapes[0]!)
    const at = x.attributes.permutation.map((axis) => from[axis]!)
    return fill(x.shape, (index) => a[offset(index, at)]!)
  }
  if (is(x, 'slice')) {
    const { axis, start } = x.attributes
    const at = strides(shapes[0]!, shapes[0]!)
    return fill(x.shape, (index) => a[offset(index, at) + start * at[axis]!]!)
  }
  if (is(x, 'concat')) {
    const { axis } = x.attributes
    return fill(x.shape, (index) => {
      let along = index[axis]!
      let part = 0
      while (along >= shapes[part]![axis]!) along -= shapes[part++]![axis]!
      const at = strides(shapes[part]!, shapes[part]!)
      return inputs[part]![offset(index, at) + (along - index[axis]!) * at[axis]!]!
    })
  }
  if (is(x, 'sum') || is(x, 'max')) {
    const start = is(x, 'sum') ? 0 : Number.NEGATIVE_INFINITY
    const into = new Float64Array(sizeOf(x.shape)).fill(start)
    const to = strides(x.shape, shapes[0]!)
    let i = 0
    each(shapes[0]!, (index) => {
      const o = offset(index, to)
      const value = a[i++]!
      into[o] = is(x, 'sum') ? into[o]! + value : Math.max(into[o]!, value)
    })
    return into
  }
  if (is(x, 'matmul')) {
    const { transposeA, transposeB, scale } = x.attributes
    const [m, n] = x.shape.slice(-2) as [number, number]
    const k = shapes[0]!.at(transposeA ? -2 : -1)!
    return fill([sizeOf(x.shape.slice(0, -2)), m, n], ([batch, i, j]) => {
      let total = 0
      for (let l = 0; l < k; l++)
        total +=
          a[batch! * m * k + (transposeA ? l * m + i! : i! * k + l)]! *
          b[batch! * k * n + (transposeB ? j! * k + l : l * n + j!)]!
      return scale * total
    })
  }
  if (is(x, 'softmax') || is(x, 'logSoftmax') || is(x, 'rmsNormalize')) {
    const n = x.shape.at(-1)!
    const into = new Float64Array(a.length)
    for (let row = 0; row < a.length; row += n) {
      const values = a.subarray(row, row + n)
      if (is(x, 'rmsNormalize')) {
        const square = values.reduce((sum, v) => sum + v * v, 0) / n
        values.forEach((v, i) => {
          into[row + i] = v / Math.sqrt(square + x.attributes.epsilon)
        })
        continue
      }
      const top = values.reduce((m, v) => Math.max(m, v), Number.NEGATIVE_INFINITY)
      const logSum = top + Math.log(values.reduce((sum, v) => sum + Math.exp(v - top), 0))
      values.forEach((v, i) => {
        into[row + i] = is(x, 'softmax') ? Math.exp(v - logSum) : v - logSum
      })
    }
    return into
  }
  if (is(x, 'rotary'))
    return rotate(a, x.shape, b, shapes[1]!, c, inputs[3]!, shapes[2]!, x.attributes.interleaved)
  if (is(x, 'gather')) {
    const width = sizeOf(shapes[0]!.slice(1))
    return fill([b.length, width], ([i, j]) => a[b[i!]! * width + j!]!)
  }
  if (is(x, 'scatterAdd')) {
    const width = sizeOf(x.shape.slice(1))
    const into = a.slice()
    c.forEach((value, i) => {
      into[b[Math.floor(i / width)]! * width + (i % width)]! += value
    })
    return into
  }
  if (is(x, 'gatherElements')) {
    const [n, k] = [shapes[0]!.at(-1)!, x.shape.at(-1)!]
    return b.map((at, i) => a[Math.floor(i / k) * n + at]!)
  }
  if (is(x, 'scatterElementsAdd')) {
    const [n, k] = [x.shape.at(-1)!, shapes[1]!.at(-1)!]
    const into = a.slice()
    c.forEach((value, i) => {
      into[Math.floor(i / k) * n + b[i]!]! += value
    })
    return into
  }
  if (is(x, 'topK')) {
    const n = shapes[0]!.at(-1)!
    const rows = Array.from({ length: a.length / n }, (_, row) => {
      const values = Array.from(a.subarray(row * n, row * n + n), (value, i) => ({ value, i }))
      return values.sort((p, q) => q.value - p.value || p.i - q.i).slice(0, x.attributes.k)
    })
    return Float64Array.from(rows.flat(), ({ i }) => i)
  }
  if (is(x, 'permuteRows')) {
    const width = sizeOf(x.shape.slice(1))
    return fill([b.length, width], ([i, j]) => a[b[i!]! * width + j!]!)
  }
  if (is(x, 'groupedLinear')) {
    const { transpose } = x.attributes
    const [n, k] = [x.shape[1]!, shapes[0]![1]!]
    const groups = groupOfRow(b)
    return fill(x.shape, ([row, j]) => {
      const weight = inputs[2 + groups[row!]!]!
      let total = 0
      for (let l = 0; l < k; l++) total += a[row! * k + l]! * weight[transpose ? l * n + j! : j! * k + l]!
      return total
    })
  }
  if (is(x, 'groupedProduct')) {
    const [n, k] = x.shape as [number, number]
    const groups = groupOfRow(c)
    return fill(x.shape, ([i, j]) => {
      let total = 0
      groups.forEach((group, row) => {
        if (group === x.attributes.group) total += a[row * n + i!]! * b[row * k + j!]!
      })
      return total
    })
  }
  if (is(x, 'int8Linear')) {
    const [n, k] = [x.shape[1]!, shapes[0]![1]!]
    return fill(x.shape, ([row, j]) => {
      const values = a.subarray(row! * k, (row! + 1) * k)
      const step = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-30) / 127
      const total = values.reduce((sum, v, l) => sum + Math.round(v / step) * b[l * n + j!]!, 0)
      return total * step * c[j!]!
    })
  }
  if (is(x, 'writeRows')) {
    const [R, H, C, E] = x.shape as [number, number, number, number]
    const T = shapes[2]![2]!
    const into = a.slice()
    for (let head = 0; head < R * H; head++)
      into.set(c.subarray(head * T * E, (head + 1) * T * E), (head * C + b[Math.floor(head / H)]!) * E)
    return into
  }
  if (is(x, 'draw')) return drawRows(new Float64Array(sizeOf(x.shape)), inputs, createDraw(shapes[0]![1]!))
  if (is(x, 'attention') || is(x, 'cachedAttention') || is(x, 'attentionGradient')) {
    const own = x.inputs.map((from, i) => input(`${i}`, from.shape, from.dtype))
    return evaluate([composed(onInputs(x, own))], Object.fromEntries(inputs.entries()))[0]!
  }
  // Kernels keep them for the gradient, whose elementary form does without.
  if (is(x, 'attentionStatistics')) return new Float64Array(sizeOf(x.shape))
  throw new Error(`evaluate: ${x.operation} is not interpreted`)
}

const groupOfRow = (counts: Float64Array): number[] =>
  Array.from(counts).flatMap((count, group) => new Array<number>(count).fill(group))

function rotate(
  x: Float64Array,
  shape: Shape,
  positions: Float64Array,
  [, length]: Shape,
  cos: Float64Array,
  sin: Float64Array,
  [, half]: Shape,
  interleaved: boolean,
): Float64Array {
  const size = 2 * half!
  const into = new Float64Array(x.length)
  for (let head = 0; head < x.length / size; head++) {
    // [B, T, H·d]: heads vary fastest; [B, H, T, d]: time does.
    const perToken = shape.at(-1)! / size
    const batch = Math.floor(head / (x.length / size / shape[0]!))
    const time = Math.floor(head / perToken) % length!
    const angle = positions[batch * length! + time]! * half!
    for (let i = 0; i < half!; i++) {
      const [p, q] = interleaved ? [2 * i, 2 * i + 1] : [i, i + half!]
      const [u, v] = [x[head * size + p]!, x[head * size + q]!]
      into[head * size + p] = u * cos[angle + i]! - v * sin[angle + i]!
      into[head * size + q] = v * cos[angle + i]! + u * sin[angle + i]!
    }
  }
  return into
}

/** Strides of `shape`, 0 along axes that broadcast, aligned to the axes of `to`. */
function strides(shape: Shape, to: Shape): number[] {
  let step = 1
  const own = shape.map(() => 0)
  for (let i = shape.length - 1; i >= 0; i--) {
    own[i] = shape[i] === 1 ? 0 : step
    step *= shape[i]!
  }
  return to.map((_, i) => own[i - (to.length - shape.length)] ?? 0)
}

const offset = (index: readonly number[], steps: readonly number[]) => {
  let at = 0
  for (let i = 0; i < steps.length; i++) at += index[i]! * steps[i]!
  return at
}

function each(shape: Shape, visit: (index: number[]) => void): void {
  const index = shape.map(() => 0)
  for (let i = 0; i < sizeOf(shape); i++) {
    visit(index)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break
      index[axis] = 0
    }
  }
}

function fill(shape: Shape, value: (index: number[]) => number): Float64Array {
  const into = new Float64Array(sizeOf(shape))
  let i = 0
  each(shape, (index) => {
    into[i++] = value(index)
  })
  return into
}
