/**
 * Pointwise updates of arrays in this process's memory, as loops that are compiled from graphs: a gradient that is added
 * up, AdamW, a copy. An update is one pass in place over all arrays that it reads and writes, in float64 between
 * them, without a temporary.
 */
import { BINARY, UNARY } from '../graph/evaluate.ts'
import { is, sizeOf, type Tensor } from '../graph/tensor.ts'

/** What a loop's names stand for in one run. */
export interface LoopValues {
  /** The array of an element-wise leaf: a state, or what a session computed. */
  array: (x: Tensor) => ArrayLike<number>
  feed: (name: string) => ArrayLike<number>
}

/** One number for the whole graph, one for each element, or not to be computed in a loop. */
type Kind = 'scalar' | 'element' | undefined

const SYMBOLS: Record<string, string> = {
  ...{ add: '+', sub: '-', mul: '*', div: '/', less: '<', lessOrEqual: '<=', equal: '===', and: '&' },
}
const CALLS: Record<string, (a: string) => string> = {
  neg: (a) => `-${a}`,
  not: (a) => `1 - ${a}`,
  finite: (a) => `+Number.isFinite(${a})`,
  sigmoid: (a) => `1 / (1 + Math.exp(-${a}))`,
  silu: (a) => `${a} / (1 + Math.exp(-${a}))`,
  stopGradient: (a) => a,
}
const MATH = new Set(['exp', 'log', 'sqrt', 'abs', 'sign'])

/** How graphs are read as loops; `leaf` says of a tensor that its elements come from elsewhere. */
export function createHostLoops(leaf: (x: Tensor) => boolean) {
  const kinds = new Map<Tensor, Kind>()

  function kindOf(x: Tensor): Kind {
    if (leaf(x)) return 'element'
    if (kinds.has(x)) return kinds.get(x)
    const kind = derived(x)
    kinds.set(x, kind)
    return kind
  }

  function derived(x: Tensor): Kind {
    if (is(x, 'constant')) return x.attributes.data.length === 1 ? 'scalar' : undefined
    if (is(x, 'input')) return x.attributes.state ? 'element' : sizeOf(x.shape) === 1 ? 'scalar' : undefined
    if (isFeedElement(x)) return 'scalar'
    if (is(x, 'sum'))
      return sizeOf(x.shape) === 1 && kindOf(x.inputs[0]!) === 'element' ? 'scalar' : undefined
    if (is(x, 'reshape')) return kindOf(x.inputs[0]!)
    if (is(x, 'expand') && kindOf(x.inputs[0]!) === 'scalar') return 'scalar'
    if (!(x.operation in UNARY || x.operation in BINARY || is(x, 'where'))) return undefined
    const inputs = x.inputs.map(kindOf)
    if (inputs.every((kind) => kind === 'scalar')) return 'scalar'
    const fits = inputs.every(
      (kind, i) =>
        kind === 'scalar' || (kind === 'element' && sizeOf(x.inputs[i]!.shape) === sizeOf(x.shape)),
    )
    return fits ? 'element' : undefined
  }

  /** Element-wise leaves below a tensor. */
  function leavesOf(x: Tensor, into = new Set<Tensor>()): Set<Tensor> {
    if (leaf(x) || (is(x, 'input') && x.attributes.state)) into.add(x)
    else if (kindOf(x) === 'element') for (const from of x.inputs) leavesOf(from, into)
    return into
  }

  function scalarOf(x: Tensor, values: LoopValues, known: Map<Tensor, number>): number {
    const before = known.get(x)
    if (before !== undefined) return before
    const value = compute()
    known.set(x, value)
    return value

    function compute(): number {
      if (is(x, 'constant')) return x.attributes.data[0]!
      if (is(x, 'input')) return Number(values.feed(x.attributes.name)[0])
      if (isFeedElement(x)) {
        const { name } = (x.inputs[0] as Tensor<'input'>).attributes
        return Number(values.feed(name)[(x as Tensor<'slice'>).attributes.start])
      }
      if (is(x, 'sum')) return sumOf(x.inputs[0]!, values, known)
      const inputs = x.inputs.map((from) => scalarOf(from, values, known)) as [number, number, number]
      if (is(x, 'reshape') || is(x, 'expand')) return inputs[0]
      if (is(x, 'where')) return inputs[0] ? inputs[1] : inputs[2]
      return (UNARY[x.operation] ?? BINARY[x.operation]!)(inputs[0], inputs[1])
    }
  }

  /** The sums that a scalar, or the scalars of an element-wise tensor, are made of. */
  function sumsOf(x: Tensor, into = new Set<Tensor>(), seen = new Set<Tensor>()): Set<Tensor> {
    if (seen.has(x) || leaf(x)) return into
    seen.add(x)
    if (is(x, 'sum') && kindOf(x) === 'scalar') into.add(x)
    for (const from of x.inputs) sumsOf(from, into, seen)
    return into
  }

  const passes = new Map<Tensor, Pass>()
  /** One pass over the elements: `written` go to arrays, `summed` are added up. */
  function passOf(written: readonly Tensor[], summed: readonly Tensor[]): Pass {
    const first = written[0] ?? summed[0]!
    const known = passes.get(first)
    if (known !== undefined && known.written === written.length) return known
    const tensors = [...written, ...summed]
    const leaves = [...new Set(tensors.flatMap((x) => [...leavesOf(x)]))]
    const scalars: Tensor[] = []
    const lines: string[] = []
    const names = new Map<Tensor, string>(leaves.map((x, i) => [x, `x${i}`]))
    const nameOf = (x: Tensor): string => {
      const name = names.get(x) ?? made(x)
      names.set(x, name)
      return name
    }
    const made = (x: Tensor): string => {
      if (kindOf(x) === 'scalar') return `s${scalars.push(x) - 1}`
      if (is(x, 'reshape')) return nameOf(x.inputs[0]!)
      const code = codeOf(x, x.inputs.map(nameOf))
      return `v${lines.push(`const v${lines.length} = ${code}`) - 1}`
    }
    const [results, totals] = [written.map(nameOf), summed.map(nameOf)]
    const parameters = [
      ...leaves.map((_, i) => `a${i}`),
      ...scalars.map((_, i) => `s${i}`),
      ...written.map((_, i) => `y${i}`),
    ]
    const loop = compiled(
      ['n', ...parameters],
      [
        ...totals.map((_, i) => `let t${i} = 0`),
        'for (let i = 0; i < n; i++) {',
        ...leaves.map((_, i) => `const x${i} = a${i}[i]`),
        ...lines,
        ...results.map((result, i) => `y${i}[i] = ${result}`),
        ...totals.map((total, i) => `t${i} += ${total}`),
        '}',
        `return [${totals.map((_, i) => `t${i}`)}]`,
      ].join('\n'),
    )
    const pass = { leaves, scalars, loop, written: written.length }
    passes.set(first, pass)
    return pass
  }

  function sumOf(x: Tensor, values: LoopValues, known: Map<Tensor, number>): number {
    const { leaves, scalars, loop } = passOf([], [x])
    const numbers = scalars.map((scalar) => scalarOf(scalar, values, known))
    return loop(sizeOf(x.shape), ...leaves.map(values.array), ...numbers)[0]!
  }

  /**
   * What sets the targets' elements to the tensors', and in the same pass finds `sums`, which are known from then on. The
   * scalars that it needs are computed now.
   */
  function update(
    targets: readonly ArrayLike<number>[],
    tensors: readonly Tensor[],
    sums: readonly Tensor[],
    values: LoopValues,
    known: Map<Tensor, number>,
  ): () => void {
    const summed = sums.map((x) => x.inputs[0]!)
    const { leaves, scalars, loop } = passOf(tensors, summed)
    const numbers = scalars.map((scalar) => scalarOf(scalar, values, known))
    return () => {
      const size = sizeOf(tensors[0]!.shape)
      const totals = loop(size, ...leaves.map(values.array), ...numbers, ...targets)
      sums.forEach((x, i) => void known.set(x, totals[i]!))
    }
  }

  return { kindOf, leavesOf, scalarOf, sumsOf, update }
}

/** One number of a fed vector. */
const isFeedElement = (x: Tensor): boolean =>
  is(x, 'slice') && sizeOf(x.shape) === 1 && x.inputs[0]!.shape.length === 1 && isFeed(x.inputs[0]!)

const isFeed = (x: Tensor) => is(x, 'input') && x.attributes.state !== true

function codeOf(x: Tensor, inputs: readonly string[]): string {
  const [a, b, c] = inputs as [string, string, string]
  const { operation } = x
  if (operation in SYMBOLS) return `${BOOLEANS.has(operation) ? '+' : ''}(${a} ${SYMBOLS[operation]} ${b})`
  if (operation === 'minimum' || operation === 'maximum')
    return `Math.${operation === 'minimum' ? 'min' : 'max'}(${a}, ${b})`
  if (operation === 'where') return `${a} ? ${b} : ${c}`
  return MATH.has(operation) ? `Math.${operation}(${a})` : CALLS[operation]!(a)
}
const BOOLEANS = new Set(['less', 'lessOrEqual', 'equal'])

interface Pass {
  written: number
  leaves: Tensor[]
  scalars: Tensor[]
  loop: Loop
}

type Loop = (n: number, ...values: (ArrayLike<number> | number)[]) => number[]
const loops = new Map<string, Loop>()

/** Loops that do the same are one function, which the processor's compiler then knows well. */
function compiled(parameters: readonly string[], body: string): Loop {
  const text = `${parameters}\n${body}`
  const known = loops.get(text)
  if (known !== undefined) return known
  // The text is made of the names above alone.
  const loop = new Function(...parameters, body) as Loop
  loops.set(text, loop)
  return loop
}
