/**
 * A tensor is a node of an immutable expression graph with a static shape. Nothing is computed here: `evaluate.ts`
 * interprets a graph in float64, `onnx.ts` serialises it for a fast runtime, `differentiate.ts` extends it.
 */
import type { Packed } from './packed.ts'

export type DType = 'float32' | 'int32' | 'int64' | 'bool' | 'int8' | Packed
export type Shape = readonly number[]

/** What each operation needs besides its input tensors. */
export interface Attributes {
  /** `state`: a runtime holds it; other inputs are fed with every run. */
  input: { name: string; state?: boolean }
  constant: { data: Float64Array }
  stopGradient: NoAttributes
  add: NoAttributes
  sub: NoAttributes
  mul: NoAttributes
  div: NoAttributes
  minimum: NoAttributes
  maximum: NoAttributes
  neg: NoAttributes
  exp: NoAttributes
  log: NoAttributes
  sqrt: NoAttributes
  abs: NoAttributes
  sign: NoAttributes
  sigmoid: NoAttributes
  silu: NoAttributes
  less: NoAttributes
  lessOrEqual: NoAttributes
  equal: NoAttributes
  and: NoAttributes
  not: NoAttributes
  finite: NoAttributes
  where: NoAttributes
  cast: NoAttributes
  reshape: NoAttributes
  expand: NoAttributes
  transpose: { permutation: readonly number[] }
  slice: { axis: number; start: number; end: number }
  concat: { axis: number }
  sum: { axes: readonly number[] }
  max: { axis: number }
  matmul: { transposeA: boolean; transposeB: boolean; scale: number }
  softmax: NoAttributes
  logSoftmax: NoAttributes
  rmsNormalize: { epsilon: number }
  rotary: { interleaved: boolean }
  gather: NoAttributes
  scatterAdd: NoAttributes
  gatherElements: NoAttributes
  scatterElementsAdd: NoAttributes
  topK: { k: number }
  permuteRows: NoAttributes
  groupedLinear: { transpose: boolean }
  groupedProduct: { group: number }
  int8Linear: NoAttributes
  attention: { scale: number }
  attentionStatistics: { scale: number }
  attentionGradient: { scale: number; of: 'queries' | 'keysAndValues' }
  cachedAttention: { scale: number }
  writeRows: NoAttributes
  draw: NoAttributes
}
export type Operation = keyof Attributes
export type NoAttributes = Record<never, never>

export interface Tensor<Op extends Operation = Operation> {
  readonly operation: Op
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes[Op]
  readonly shape: Shape
  readonly dtype: DType
}

export function tensor<Op extends Operation>(
  operation: Op,
  inputs: readonly Tensor[],
  attributes: Attributes[Op],
  shape: Shape,
  dtype: DType = 'float32',
): Tensor {
  if (shape.some((size) => !Number.isInteger(size) || size < 0))
    throw new Error(`${operation}: shape [${shape}] from ${inputs.map((x) => `[${x.shape}]`).join(' and ')}`)
  return { operation, inputs, attributes, shape, dtype } as Tensor
}

export const is = <Op extends Operation>(x: Tensor, operation: Op): x is Tensor<Op> =>
  x.operation === operation

export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

/** Every tensor the outputs depend on, each after its inputs. */
export function topologicalOrder(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = []
  const seen = new Set<Tensor>()
  const stack: { x: Tensor; next: number }[] = []
  const visit = (x: Tensor) => {
    if (seen.has(x)) return
    seen.add(x)
    stack.push({ x, next: 0 })
  }
  for (const output of outputs) {
    visit(output)
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const input = top.x.inputs[top.next++]
      if (input !== undefined) visit(input)
      else {
        order.push(top.x)
        stack.pop()
      }
    }
  }
  return order
}

/** NumPy's broadcasting of two shapes. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[a.length - rank + axis] ?? 1
    const n = b[b.length - rank + axis] ?? 1
    if (m !== n && m !== 1 && n !== 1) throw new Error(`shapes [${a}] and [${b}] do not broadcast`)
    return m === 1 ? n : m
  })
}
