/** Sets of real numbers by meaning: intervals, unions, inequalities and exclusions all become sorted disjoint intervals. */
import { isReal } from './complex.ts'
import { evaluate, NotNumeric } from './evaluate.ts'
import { apply, type Comparison, canonical, freeVariables, type Node, some, symbol } from './node.ts'
import { type Comparing, infinitySign, scalarsEqual } from './scalars.ts'

interface Interval {
  low: Node
  high: Node
  lowClosed: boolean
  highClosed: boolean
}

export interface RealSet {
  /** The side an inequality is about, `x` in `x < 3`; null for a bare interval. */
  subject: Node | null
  intervals: Interval[]
}

const INFINITY = symbol('infinity')
const MINUS_INFINITY = apply('negate', INFINITY)
const LINE: Interval = { low: MINUS_INFINITY, high: INFINITY, lowClosed: false, highClosed: false }
const ORDER = new Set<Comparison>(['<', '≤', '>', '≥'])

/** Can this only be meant as a set of reals? A bare (1,2) may be a point, so it cannot. */
export function isRealSet(node: Node): boolean {
  if (node.kind === 'symbol') return node.name === 'ℝ' || node.name === '∅'
  if (node.kind === 'relation') return node.comparisons.some((c) => ORDER.has(c) || c === '∈' || c === '≠')
  if (node.kind === 'apply')
    return node.op === 'union' || node.op === 'intersection' || node.op === 'difference'
  if (node.kind === 'list') return node.items.some(isRealSet)
  if (node.kind !== 'bracket' || node.items.length !== 2 || node.open === '{') return false
  return node.open === '[' || node.close === ']' || node.items.some((item) => infinitySign(item) !== 0)
}

/** Null where the node is no set of reals that can be written with intervals. */
export function realSet(node: Node, comparing: Comparing): RealSet | null {
  switch (node.kind) {
    case 'symbol':
      if (node.name === 'ℝ') return { subject: null, intervals: [LINE] }
      return node.name === '∅' ? { subject: null, intervals: [] } : null
    case 'bracket':
      return ofBracket(node, comparing)
    case 'relation':
      return ofRelation(node, comparing)
    case 'list':
      return ofList(node, comparing)
    case 'apply':
      return ofOperation(node, comparing)
    default:
      return null
  }
}

/** `(3, 1)` is a point, and no way to write the empty set. */
function ofBracket(node: Node & { kind: 'bracket' }, comparing: Comparing): RealSet | null {
  if (node.open === '{' && node.items.some((item) => item.kind === 'bracket')) return null
  if (node.open === '{') return { subject: null, intervals: node.items.map(pointInterval) }
  if (node.items.length !== 2) return null
  const [low, high] = node.items as [Node, Node]
  const interval = { low, high, lowClosed: node.open === '[', highClosed: node.close === ']' }
  return isEmpty(interval, comparing) ? null : { subject: null, intervals: [interval] }
}

/** False where an end is no number. */
function isEmpty({ low, high, lowClosed, highClosed }: Interval, comparing: Comparing): boolean {
  try {
    const [from, to] = [numericValue(low, comparing), numericValue(high, comparing)]
    return from > to || (from === to && !(lowClosed && highClosed))
  } catch (error) {
    if (error instanceof NotNumeric) return false
    throw error
  }
}

const pointInterval = (value: Node): Interval => ({
  low: value,
  high: value,
  lowClosed: true,
  highClosed: true,
})

function ofRelation(node: Node & { kind: 'relation' }, comparing: Comparing): RealSet | null {
  const { sides, comparisons } = node
  if (sides.length === 2) {
    const [left, right] = sides as [Node, Node]
    const comparison = comparisons[0]!
    if (comparison === '∈') {
      const set = realSet(right, comparing)
      return set && { subject: left, intervals: set.intervals }
    }
    const isFlipped = freeVariables(left).length === 0
    const subject = isFlipped ? right : left
    const bound = isFlipped ? left : right
    if (isNegated(subject))
      return ofRelation(
        {
          ...node,
          sides: [negation(subject), negation(bound)],
          comparisons: [isFlipped ? comparison : flipped(comparison)],
        },
        comparing,
      )
    if (freeVariables(subject).length === 0) return null
    if (freeVariables(bound).length > 0 && subject.kind !== 'symbol') return null
    // `D = [0, 1]` names the set.
    if (comparison === '=' && (bound.kind === 'bracket' || isRealSet(bound))) return realSet(bound, comparing)
    if (comparison === '=') return { subject, intervals: [pointInterval(bound)] }
    if (comparison === '≠') return { subject, intervals: excluded(bound) }
    if (!ORDER.has(comparison)) return null
    if (subject.kind === 'apply' && subject.op === 'abs') {
      return {
        subject: subject.args[0]!,
        intervals: absolute(isFlipped ? flipped(comparison) : comparison, bound),
      }
    }
    return { subject, intervals: [ray(isFlipped ? flipped(comparison) : comparison, bound)] }
  }
  if (sides.length !== 3 || !comparisons.every((c) => ORDER.has(c))) return null
  const [low, subject, high] = sides as [Node, Node, Node]
  const [first, second] = comparisons as [Comparison, Comparison]
  const isRising = first === '<' || first === '≤'
  if (isRising !== (second === '<' || second === '≤')) return null
  const closed = [first, second].map((c) => c === '≤' || c === '≥') as [boolean, boolean]
  return {
    subject,
    intervals: [
      isRising
        ? { low, high, lowClosed: closed[0], highClosed: closed[1] }
        : { low: high, high: low, lowClosed: closed[1], highClosed: closed[0] },
    ],
  }
}

/** `-y ≤ -3` says `y ≥ 3`. */
export const isNegated = (node: Node): boolean =>
  node.kind === 'apply' && node.op === 'negate' && node.args[0]!.kind === 'symbol'

const negation = (node: Node): Node =>
  node.kind === 'apply' && node.op === 'negate' ? node.args[0]! : apply('negate', node)

function ray(comparison: Comparison, bound: Node): Interval {
  const closed = comparison === '≤' || comparison === '≥'
  return comparison === '<' || comparison === '≤'
    ? { low: MINUS_INFINITY, high: bound, lowClosed: false, highClosed: closed }
    : { low: bound, high: INFINITY, lowClosed: closed, highClosed: false }
}

/** |x| < b lies between -b and b, |x| > b outside. */
function absolute(comparison: Comparison, bound: Node): Interval[] {
  const closed = comparison === '≤' || comparison === '≥'
  const opposite = apply('negate', bound)
  if (comparison === '<' || comparison === '≤') {
    return [{ low: opposite, high: bound, lowClosed: closed, highClosed: closed }]
  }
  return [ray(flipped(comparison), opposite), ray(comparison, bound)]
}

const excluded = (point: Node): Interval[] => [ray('<', point), ray('>', point)]
export const flipped = (c: Comparison): Comparison =>
  (({ '<': '>', '≤': '≥', '>': '<', '≥': '≤' })[c as '<'] as Comparison) ?? c

/** `x < 1 or x > 3` is a union; with "and" it is an intersection, and with a comma too unless that would be empty. */
function ofList(node: Node & { kind: 'list' }, comparing: Comparing): RealSet | null {
  const sets: RealSet[] = []
  for (const item of node.items) {
    const set = realSet(item, comparing)
    if (!set) return null
    sets.push(set)
  }
  const subjects = new Set(sets.flatMap(({ subject }) => (subject ? [canonical(subject)] : [])))
  if (subjects.size > 1) return null
  const subject = sets.find((set) => set.subject)?.subject ?? null
  const all = sets.map((set) => set.intervals)
  if (node.joiner !== 'or' && subject) {
    const met = all.reduce<Interval[] | null>((a, b) => a && intersect(a, b, comparing), [LINE])
    if (node.joiner === 'and') return met && { subject, intervals: met }
    if (met && met.length > 0) return { subject, intervals: met }
  }
  return { subject, intervals: all.flat() }
}

function ofOperation(node: Node & { kind: 'apply' }, comparing: Comparing): RealSet | null {
  const [left, right] = node.args as [Node, Node]
  if (!['union', 'intersection', 'difference'].includes(node.op)) return null
  const [a, b] = [realSet(left, comparing), realSet(right, comparing)]
  if (!a || !b) return null
  const subject = a.subject ?? b.subject
  if (node.op === 'union') return { subject, intervals: [...a.intervals, ...b.intervals] }
  const other = node.op === 'intersection' ? b.intervals : complement(b.intervals, comparing)
  const met = other && intersect(a.intervals, other, comparing)
  return met && { subject, intervals: met }
}

function numericValue(node: Node, comparing: Comparing): number {
  const sign = infinitySign(node)
  if (sign !== 0) return sign * Number.POSITIVE_INFINITY
  if (freeVariables(node).length > 0) throw new NotNumeric()
  const value = evaluate(node, { variables: new Map(), budget: comparing.budget })
  if (!isReal(value) || Number.isNaN(value.re)) throw new NotNumeric()
  return value.re
}

function intersect(a: Interval[], b: Interval[], comparing: Comparing): Interval[] | null {
  if (a.length * b.length > 400) return null
  try {
    const value = (node: Node): number => numericValue(node, comparing)
    const met: Interval[] = []
    for (const one of a) {
      for (const two of b) {
        const lower =
          value(one.low) === value(two.low)
            ? one.lowClosed
              ? two
              : one
            : value(one.low) > value(two.low)
              ? one
              : two
        const upper =
          value(one.high) === value(two.high)
            ? one.highClosed
              ? two
              : one
            : value(one.high) < value(two.high)
              ? one
              : two
        const piece = {
          low: lower.low,
          lowClosed: lower.lowClosed,
          high: upper.high,
          highClosed: upper.highClosed,
        }
        const [low, high] = [value(piece.low), value(piece.high)]
        if (low < high || (low === high && piece.lowClosed && piece.highClosed)) met.push(piece)
      }
    }
    return met
  } catch (error) {
    if (error instanceof NotNumeric) return null
    throw error
  }
}

function complement(intervals: Interval[], comparing: Comparing): Interval[] | null {
  let rest: Interval[] | null = [LINE]
  for (const { low, high, lowClosed, highClosed } of intervals) {
    const outside: Interval[] = [ray(lowClosed ? '<' : '≤', low), ray(highClosed ? '>' : '≥', high)]
    rest =
      rest &&
      intersect(
        rest,
        outside.filter((piece) => infinitySign(piece.low) !== 1 && infinitySign(piece.high) !== -1),
        comparing,
      )
  }
  return rest
}

/** Sorts and joins; where an end is not a number the order given is kept. */
function tidy(intervals: Interval[], comparing: Comparing): Interval[] {
  try {
    const ends = intervals.map((interval) => ({
      interval,
      low: numericValue(interval.low, comparing),
      high: numericValue(interval.high, comparing),
    }))
    const sorted = ends
      .filter(
        ({ interval, low, high }) =>
          low < high || (low === high && interval.lowClosed && interval.highClosed),
      )
      .sort((p, q) => p.low - q.low || Number(q.interval.lowClosed) - Number(p.interval.lowClosed))
    const joined: typeof sorted = []
    for (const next of sorted) {
      const last = joined.at(-1)
      if (
        last &&
        (next.low < last.high ||
          (next.low === last.high && (next.interval.lowClosed || last.interval.highClosed)))
      ) {
        if (next.high > last.high) {
          last.interval = { ...last.interval, high: next.interval.high, highClosed: next.interval.highClosed }
          last.high = next.high
        } else if (next.high === last.high && next.interval.highClosed)
          last.interval = { ...last.interval, highClosed: true }
      } else joined.push({ ...next })
    }
    return joined.map(({ interval }) => interval)
  } catch (error) {
    if (error instanceof NotNumeric) return intervals
    throw error
  }
}

export function realSetsEqual(a: RealSet, b: RealSet, comparing: Comparing): boolean {
  if (a.subject && b.subject && comparing.strict && canonical(a.subject) !== canonical(b.subject)) {
    if (isName(a.subject) && isName(b.subject)) return false
    if (freeVariables(a.subject).join() !== freeVariables(b.subject).join()) return false
    if (!scalarsEqual(a.subject, b.subject, comparing)) return false
  }
  const [left, right] = [tidy(a.intervals, comparing), tidy(b.intervals, comparing)]
  return (
    left.length === right.length &&
    left.every((p, k) => {
      const q = right[k]!
      if (p.lowClosed !== q.lowClosed || p.highClosed !== q.highClosed) return false
      return scalarsEqual(p.low, q.low, comparing) && scalarsEqual(p.high, q.high, comparing)
    })
  )
}

const isName = (node: Node): boolean => node.kind === 'symbol'
export const isZero = (node: Node): boolean => node.kind === 'number' && node.value.n === 0n
export const hasVariables = (node: Node): boolean =>
  some(node, (p) => p.kind === 'call') || freeVariables(node).length > 0
