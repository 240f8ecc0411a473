/**
 * What one kernel computes for one element: an expression over values in memory, through all views and pointwise nodes
 * between them and the kernel's result.
 */

import { type Shape, sizeOf } from '../tensor.ts'
import {
  broadcastForms,
  coordinate,
  equalForms,
  flatten,
  type LinearForm,
  NotLinear,
  plus,
  reshapeForms,
  SplitDimension,
  shift,
  times,
  ZERO,
} from './linear-form.ts'
import { type ElementType, isPointwise, isSource, type Node, type Pointwise } from './nodes.ts'

export type Expression = { readonly type: ElementType } & (
  | { readonly kind: 'load'; readonly node: Node; readonly at: LinearForm }
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'coordinate'; readonly at: LinearForm }
  | { readonly kind: 'apply'; readonly operation: Pointwise; readonly inputs: readonly Expression[] }
  /** Input i where the coordinate is below `ends[i]` and not below those before. */
  | {
      readonly kind: 'choose'
      readonly at: LinearForm
      readonly ends: readonly number[]
      readonly inputs: readonly Expression[]
    }
  | { readonly kind: 'reduction'; readonly reduction: Reduction }
  /** What a matrix product's kernel has added up. */
  | { readonly kind: 'product' }
)

export interface Reduction {
  readonly node: Node
  readonly operation: 'sum' | 'max'
  /** Those added up, and those that tell one result from another. */
  readonly dimensions: readonly number[]
  readonly rows: readonly number[]
  readonly value: Expression
  /** How many reductions inside of each other it stands on. */
  readonly level: number
}

export interface Dimension {
  readonly size: number
  readonly group: string
  /** Its coordinate where it is not one of the kernel's own but read from memory. */
  readonly index?: Expression
}

/** Thrown where a kernel can go no further until this node is in memory. */
export class NeedsMemory extends Error {
  readonly node: Node
  constructor(node: Node) {
    super(`${node.operation} [${node.shape}] has to be in memory`)
    this.node = node
  }
}

/** One kernel's expressions while they are made. */
export interface Builder {
  readonly dimensions: readonly Dimension[]
  readonly reductions: readonly Reduction[]
  /** Nodes whose values the kernel computes, with what it computes for them. */
  readonly inlined: ReadonlyMap<Node, Expression>
  /** Coordinates along an axis of this size; `key` tells it from the kernel's other axes. */
  axis(key: string, size: number, group: string): LinearForm
  /** The value of a node at these coordinates. */
  build(node: Node, forms: readonly LinearForm[]): Expression
}

export interface BuilderOptions {
  root: Node
  isStored: (node: Node) => boolean
  /** Where a reduction inside is allowed; anything else in memory first. */
  reductions: boolean
  /** The product that the kernel itself computes, and its coordinates. */
  product?: { node: Node; forms: readonly LinearForm[] }
}

/**
 * Calls `use` with a builder until no dimension has to be cut. A view that is no sum of coordinates even so makes its
 * node one for memory.
 */
export function buildKernel<Result>(
  options: (builder: Builder) => BuilderOptions,
  use: (builder: Builder) => Result,
): Result {
  const cuts = new Map<string, number[]>()
  for (;;) {
    const keys: { key: string; part: number }[] = []
    const builder = createBuilder(cuts, keys, options)
    try {
      return use(builder)
    } catch (error) {
      if (!(error instanceof SplitDimension)) throw error
      const place = keys[error.dimension]
      const { size } = builder.dimensions[error.dimension]!
      if (place === undefined) throw new NotLinear()
      const sizes = [...(cuts.get(place.key) ?? [size])]
      sizes.splice(place.part, 1, size / error.inner, error.inner)
      cuts.set(place.key, sizes)
    }
  }
}

function createBuilder(
  cuts: ReadonlyMap<string, number[]>,
  keys: { key: string; part: number }[],
  optionsOf: (builder: Builder) => BuilderOptions,
): Builder {
  const dimensions: Dimension[] = []
  const sizes: number[] = []
  const reductions: Reduction[] = []
  const known = new Map<string, Expression>()
  const inlined = new Map<Node, Expression>()
  let branches = 0

  function addDimension(dimension: Dimension): LinearForm {
    dimensions.push(dimension)
    sizes.push(dimension.size)
    return coordinate(dimensions.length - 1)
  }

  function axis(key: string, size: number, group: string): LinearForm {
    const parts = cuts.get(key) ?? [size]
    const forms = parts.map((part, i) => {
      keys[dimensions.length] = { key, part: i }
      return addDimension({ size: part, group })
    })
    return flatten(forms, parts)
  }

  const builder: Builder = { dimensions, reductions, inlined, axis, build }
  const options = () => optionsOf(builder)

  function build(node: Node, forms: readonly LinearForm[]): Expression {
    const key = `${node.id}@${forms.map(({ offset, terms }) => `${offset}+${terms}`).join('|')}`
    const found = known.get(key)
    if (found !== undefined) return found
    const expression = build1(node, forms)
    known.set(key, expression)
    if (expression.kind !== 'load') inlined.set(node, expression)
    return expression
  }

  const all = (node: Node, forms: readonly LinearForm[]) =>
    node.inputs.map((input) => build(input, broadcastForms(forms, input.shape)))

  function indexAxis(indices: Node, forms: readonly LinearForm[], size: number): LinearForm {
    return addDimension({ size, group: 'index', index: build(indices, forms) })
  }

  function build1(node: Node, forms: readonly LinearForm[]): Expression {
    const { root, isStored, product } = options()
    const { attributes, type, shape } = node
    const [from] = node.inputs
    if (node !== root && (isSource(node) || isStored(node)))
      return { kind: 'load', node, at: flatten(forms, shape), type }
    if (node === product?.node) {
      if (forms.every((form, i) => shape[i] === 1 || equalForms(form, product.forms[i]!)))
        return { kind: 'product', type }
      throw new NeedsMemory(node)
    }
    if (isPointwise(node))
      return { kind: 'apply', operation: node.operation as Pointwise, inputs: all(node, forms), type }
    switch (node.operation) {
      case 'scalar':
        return { kind: 'scalar', value: attributes.value!, type }
      case 'iota':
        return { kind: 'coordinate', at: forms[attributes.axis!]!, type }
      case 'reshape':
        // The same memory.
        if (isSource(from!) || isStored(from!))
          return { kind: 'load', node: from!, at: flatten(forms, shape), type }
        return build(
          from!,
          viewForms(from!, () => reshapeForms(forms, shape, from!.shape, sizes)),
        )
      case 'transpose': {
        const to: LinearForm[] = []
        attributes.permutation!.forEach((axis, i) => {
          to[axis] = forms[i]!
        })
        return build(from!, to)
      }
      case 'slice':
        return build(
          from!,
          forms.map((form, i) => (i === attributes.axis ? shift(form, attributes.start!) : form)),
        )
      case 'expand':
        return build(from!, broadcastForms(forms, from!.shape))
      case 'concat':
        return choose(node, forms)
      case 'gather': {
        const [x, indices] = node.inputs as [Node, Node]
        const rank = indices.shape.length
        const row = indexAxis(indices, forms.slice(0, rank), x.shape[0]!)
        return build(x, [row, ...forms.slice(rank)])
      }
      case 'gatherElements': {
        const [x, indices] = node.inputs as [Node, Node]
        return build(x, [...forms.slice(0, -1), indexAxis(indices, forms, x.shape.at(-1)!)])
      }
      case 'rotary':
        return rotate(node, forms)
      case 'sum':
      case 'max':
        return reduce(node, forms)
      default:
        throw new NeedsMemory(node)
    }
  }

  function viewForms(node: Node, make: () => LinearForm[]): LinearForm[] {
    try {
      return make()
    } catch (error) {
      if (error instanceof SplitDimension && keys[error.dimension] !== undefined) throw error
      if (error instanceof NotLinear || error instanceof SplitDimension) throw new NeedsMemory(node)
      throw error
    }
  }

  function choose(node: Node, forms: readonly LinearForm[]): Expression {
    const axis = node.attributes.axis!
    const ends: number[] = []
    branches++
    const inputs = node.inputs.map((part) => {
      const start = ends.at(-1) ?? 0
      ends.push(start + part.shape[axis]!)
      return build(
        part,
        forms.map((form, i) => (i === axis ? shift(form, -start) : form)),
      )
    })
    branches--
    return { kind: 'choose', at: forms[axis]!, ends, inputs, type: node.type }
  }

  /** Pairs of the last axis are turned: (u, v) to (u cos - v sin, v cos + u sin). */
  function rotate(node: Node, forms: readonly LinearForm[]): Expression {
    const [x, positions, cos, sin] = node.inputs as [Node, Node, Node, Node]
    const half = cos.shape[1]!
    const { interleaved } = node.attributes
    const rank = x.shape.length
    const heads = x.shape.at(-1)! / (2 * half)
    const pairs = interleaved ? [heads, half, 2] : [heads, 2, half]
    const shape: Shape = [...x.shape.slice(0, -1), ...pairs]
    const cut = viewForms(node, () => reshapeForms(forms, x.shape, shape, sizes))
    const [second, inHead] = interleaved ? [rank + 1, rank] : [rank, rank + 1]
    const partner = cut.map((form, i) => (i === second ? shift(times(form, -1), 1) : form))
    const at = (to: readonly LinearForm[]) => {
      const last = to.slice(rank - 1)
      return build(x, [...forms.slice(0, -1), flatten(last, pairs)])
    }
    const time = rank === 3 ? 1 : 2
    const position = indexAxis(positions, [forms[0]!, forms[time]!], cos.shape[0]!)
    const table = (values: Node) => build(values, [position, cut[inHead]!])
    const apply = (operation: Pointwise, type: ElementType, ...inputs: Expression[]): Expression => ({
      kind: 'apply',
      operation,
      inputs,
      type,
    })
    const turned = apply('mul', 'f32', at(partner), table(sin))
    const isFirst = apply(
      'equal',
      'bool',
      { kind: 'coordinate', at: cut[second]!, type: 'i32' },
      { kind: 'scalar', value: 0, type: 'i32' },
    )
    const signed = apply('where', 'f32', isFirst, apply('neg', 'f32', turned), turned)
    return apply('add', 'f32', apply('mul', 'f32', at(cut), table(cos)), signed)
  }

  function reduce(node: Node, forms: readonly LinearForm[]): Expression {
    const { root, reductions: allowed } = options()
    const [from] = node.inputs as [Node]
    const axes = node.attributes.axes!
    if (node !== root && (!allowed || branches > 0)) throw new NeedsMemory(node)
    // Rows are the kernel's own: a reduction inside another one's loop would be done many times.
    const outer = usedDimensions(forms)
    if (outer.some((d) => dimensions[d]!.group !== 'out')) throw new NeedsMemory(node)
    const repeats = outer.reduce((product, d) => product * sizes[d]!, 1)
    if (repeats > sizeOf(node.shape)) throw new NeedsMemory(node)
    const dims: number[] = []
    const inner = forms.map((form, i) => {
      if (!axes.includes(i)) return form
      const start = dimensions.length
      const own = axis(`${node.id}:${i}`, from.shape[i]!, `reduce ${node.id}`)
      for (let d = start; d < dimensions.length; d++) dims.push(d)
      return own
    })
    const value = build(from, inner)
    const reduction: Reduction = {
      node,
      operation: node.operation as 'sum' | 'max',
      dimensions: dims,
      rows: outer,
      value,
      level: levelOf(value),
    }
    reductions.push(reduction)
    return { kind: 'reduction', reduction, type: node.type }
  }

  return builder
}

export const usedDimensions = (forms: readonly LinearForm[]): number[] => {
  const { terms } = forms.reduce(
    (sum, { terms: own }) => plus(sum, { offset: 0, terms: own.map(Math.abs) }),
    ZERO,
  )
  return terms.flatMap((term, d) => (term === 0 ? [] : [d]))
}

/** One more than the deepest reduction that an expression reads. */
function levelOf(expression: Expression): number {
  let level = 0
  for (const part of partsOf([expression]))
    if (part.kind === 'reduction') level = Math.max(level, part.reduction.level + 1)
  return level
}

/** Every expression inside of these, reductions' own values apart, each once. */
export function partsOf(
  expressions: readonly Expression[],
  dimensions: readonly Dimension[] = [],
): Expression[] {
  const seen = new Set<Expression>()
  const stack = [...expressions]
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    if (seen.has(part)) continue
    seen.add(part)
    if (part.kind === 'apply' || part.kind === 'choose') stack.push(...part.inputs)
    if (part.kind === 'load' || part.kind === 'coordinate' || part.kind === 'choose')
      for (const d of usedDimensions([part.at])) {
        const index = dimensions[d]?.index
        if (index !== undefined) stack.push(index)
      }
  }
  return [...seen]
}
