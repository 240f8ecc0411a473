/**
 * Where a kernel reads: a sum of the kernel's coordinates, each times a number. Views change these sums and move
 * nothing in memory.
 */
import { type Shape, sizeOf } from '../tensor.ts'

/** `offset + Σ terms[d] · coordinate d` over the dimensions of a kernel. */
export interface LinearForm {
  readonly offset: number
  /** As many as there were dimensions when it was made; those after have no part in it. */
  readonly terms: readonly number[]
}

export const ZERO: LinearForm = { offset: 0, terms: [] }

export const coordinate = (dimension: number, times = 1): LinearForm => ({
  offset: 0,
  terms: Array.from({ length: dimension + 1 }, (_, d) => (d === dimension ? times : 0)),
})

export const shift = ({ offset, terms }: LinearForm, by: number): LinearForm => ({
  offset: offset + by,
  terms,
})

export const times = ({ offset, terms }: LinearForm, factor: number): LinearForm => ({
  offset: offset * factor,
  terms: terms.map((term) => term * factor),
})

export const plus = (a: LinearForm, b: LinearForm): LinearForm => ({
  offset: a.offset + b.offset,
  terms: Array.from({ length: Math.max(a.terms.length, b.terms.length) }, (_, d) => {
    return (a.terms[d] ?? 0) + (b.terms[d] ?? 0)
  }),
})

export const equalForms = (a: LinearForm, b: LinearForm): boolean => {
  const { offset, terms } = plus(a, times(b, -1))
  return offset === 0 && terms.every((term) => term === 0)
}

/** Numbers apart in memory along each axis. */
function contiguousStrides(shape: Shape): number[] {
  const strides: number[] = []
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= shape[axis]!
  }
  return strides
}

/** The place in memory of the element at these coordinates of a tensor of this shape. */
export const flatten = (forms: readonly LinearForm[], shape: Shape): LinearForm => {
  const strides = contiguousStrides(shape)
  return forms.reduce((sum, form, axis) => plus(sum, times(form, strides[axis]!)), ZERO)
}

/** Thrown where a form can be divided once this dimension is two: the inner one has `inner` coordinates. */
export class SplitDimension extends Error {
  readonly dimension: number
  readonly inner: number
  constructor(dimension: number, inner: number) {
    super(`dimension ${dimension} has to be cut by ${inner}`)
    this.dimension = dimension
    this.inner = inner
  }
}

/** Thrown where no cut makes a view a sum of coordinates. */
export class NotLinear extends Error {}

/** The quotient and the remainder of a form, both forms. `sizes` are those of the dimensions. */
function divide(
  form: LinearForm,
  by: number,
  sizes: readonly number[],
): { quotient: LinearForm; remainder: LinearForm } {
  const rest = ((form.offset % by) + by) % by
  const quotient = { offset: (form.offset - rest) / by, terms: form.terms.map(() => 0) }
  const remainder = { offset: rest, terms: form.terms.map(() => 0) }
  let [low, high] = [rest, rest]
  form.terms.forEach((term, d) => {
    if (term % by === 0) quotient.terms[d] = term / by
    else {
      remainder.terms[d] = term
      const reach = term * (sizes[d]! - 1)
      if (reach > 0) high += reach
      else low += reach
    }
  })
  if (low >= 0 && high < by) return { quotient, remainder }
  form.terms.forEach((term, d) => {
    const inner = by / term
    if (term > 0 && term < by && Number.isInteger(inner) && inner < sizes[d]! && sizes[d]! % inner === 0)
      throw new SplitDimension(d, inner)
  })
  throw new NotLinear()
}

/** The coordinates in `to` of what has these coordinates in `from`, a shape of the same numbers in the same order. */
export function reshapeForms(
  forms: readonly LinearForm[],
  from: Shape,
  to: Shape,
  sizes: readonly number[],
): LinearForm[] {
  if (sizeOf(from) !== sizeOf(to)) throw new Error(`[${from}] is not [${to}] in another shape`)
  let rest = flatten(forms, from)
  const strides = contiguousStrides(to)
  return to.map((size, axis) => {
    if (size === 1) return ZERO
    if (strides[axis] === 1) return rest
    const { quotient, remainder } = divide(rest, strides[axis]!, sizes)
    rest = remainder
    return quotient
  })
}

/** The coordinates of an operand of shape `from` that is broadcast to the shape of these. */
export const broadcastForms = (forms: readonly LinearForm[], from: Shape): LinearForm[] =>
  from.map((size, axis) => (size === 1 ? ZERO : forms[forms.length - from.length + axis]!))
