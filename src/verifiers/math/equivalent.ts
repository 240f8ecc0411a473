/** Do two answers say the same thing? Dispatches on what they are; the meaning of each kind is in its own file. */
import { basesEqual } from './bases.ts'
import { spend } from './budget.ts'
import { cellsOf, columnOf, isMatrix, isVector } from './matrices.ts'
import {
  apply,
  canonical,
  freeVariables,
  isStatements,
  mapParts,
  type Node,
  parts,
  some,
  symbol,
} from './node.ts'
import { isModulus, quantitiesEqual } from './quantities.ts'
import { hasVariables, isNegated, isRealSet, realSet, realSetsEqual } from './real-sets.ts'
import { type Definition, definition, relationsEqual } from './relations.ts'
import { type Comparing, scalarsEqual } from './scalars.ts'
import { plainWords } from './words.ts'

export function equivalent(left: Node, right: Node, comparing: Comparing): boolean {
  spend(comparing.budget, 4)
  const [a, b] = [withoutSigns(left), withoutSigns(right)]
  if (canonical(a) === canonical(b)) return true
  if ((a.kind === 'quantity' || b.kind === 'quantity') && !isStatement(a) && !isStatement(b))
    return quantitiesEqual(a, b, comparing.budget, (x, y) => equivalent(x, y, comparing))
  if (isRealSet(a) || isRealSet(b)) {
    const [one, two] = [realSet(a, comparing), realSet(b, comparing)]
    if (one && two) return isUnsolved(a) === isUnsolved(b) && realSetsEqual(one, two, comparing)
  }
  if (a.kind === 'list' || b.kind === 'list') return listsEqual(a, b, comparing)
  if (a.kind === 'relation' || b.kind === 'relation') return relationalEqual(a, b, comparing)
  if (isMatrix(a) || isMatrix(b)) return matricesEqual(a, b, comparing)
  if (a.kind === 'bracket' || b.kind === 'bracket') return bracketsEqual(a, b, comparing)
  if (isPiecewise(a) && isPiecewise(b)) return piecewiseEqual(a, b, comparing)
  const based = basesEqual(a, b)
  if (based !== null) return based
  if (a.kind === 'text' || b.kind === 'text')
    return a.kind === b.kind && plainWords(textOf(a)) === plainWords(textOf(b))
  if (a.kind === 'apply' && b.kind === 'apply' && a.op === 'ratio' && b.op === 'ratio' && a.args.length > 2)
    return ratiosEqual(a.args, b.args, comparing)
  return scalarsEqual(a, b, comparing)
}

const isStatement = (node: Node): boolean => node.kind === 'relation' || node.kind === 'list'

const textOf = (node: Node): string => (node.kind === 'text' ? node.value : '')

/** An inequality whose one side is not alone yet: `2x > 10`. It is a question, not the answer `x > 5`. */
function isUnsolved(node: Node): boolean {
  if (node.kind === 'list') return node.items.some(isUnsolved)
  if (node.kind !== 'relation' || node.comparisons.every((c) => c === '=' || c === '≈')) return false
  const subject = node.sides.find(hasVariables)
  return (
    subject !== undefined &&
    subject.kind === 'apply' &&
    subject.op !== 'abs' &&
    !isNegated(subject) &&
    freeVariables(subject).length === 1
  )
}

/** Writes out ± as a list of both values; several independent ± give every combination. */
function withoutSigns(node: Node): Node {
  const count = countSigns(node)
  if (count === 0 || count > 4) return node
  const linked = some(node, (part) => part.kind === 'apply' && part.op === 'minusplus')
  const numCombinations = linked ? 2 : 2 ** count
  const items = Array.from({ length: numCombinations }, (_, k) => {
    let index = 0
    return resolve(node, () => (linked ? k === 0 : ((k >> index++) & 1) === 0))
  })
  return {
    kind: 'list',
    items: items.flatMap((item) => (item.kind === 'list' ? item.items : [item])),
    joiner: 'or',
  }
}

function countSigns(node: Node): number {
  let count = 0
  some(node, (part) => {
    if (part.kind === 'apply' && (part.op === 'plusminus' || part.op === 'minusplus')) count++
    return false
  })
  return count
}

function resolve(node: Node, isPlus: () => boolean): Node {
  if (node.kind === 'list') {
    // Each member has its own sign: `±1, ±2` is four numbers.
    return {
      ...node,
      items: node.items.flatMap((item) => {
        const own = withoutSigns(item)
        return own.kind === 'list' ? own.items : [own]
      }),
    }
  }
  if (node.kind === 'apply' && (node.op === 'plusminus' || node.op === 'minusplus')) {
    const positive = isPlus() === (node.op === 'plusminus')
    const inner = resolve(node.args[0]!, isPlus)
    return positive ? inner : apply('negate', inner)
  }
  return mapParts(node, (part) => resolve(part, isPlus))
}

function listsEqual(a: Node, b: Node, comparing: Comparing): boolean {
  return (
    !isInterval(a) &&
    !isInterval(b) &&
    !isOtherLogic(a, b) &&
    (listingsEqual(asList(a), asList(b), comparing) ||
      listingsEqual(asList(a, true), asList(b, true), comparing))
  )
}

/** `p and q` is not `p or q`, nor is `x = 1 and y = 2`; the values of one name are the same either way. */
function isOtherLogic(a: Node, b: Node): boolean {
  if (!isStatements(a) || !isStatements(b)) return false
  const isOneName = [a, b].every((node) => freeVariables(node).length === 1)
  return !isOneName && a.joiner !== b.joiner && a.joiner !== 'comma' && b.joiner !== 'comma'
}

/** `[2, 3]` is more than its ends. */
const isInterval = (node: Node): boolean =>
  node.kind === 'bracket' && node.items.length === 2 && (node.open === '[' || node.close === ']')

function listingsEqual(one: Listing, two: Listing, comparing: Comparing): boolean {
  if (one.names && two.names && one.items.length === two.items.length) {
    const order = one.names.map((name) => two.names!.indexOf(name))
    if (order.every((index) => index >= 0))
      return one.items.every((item, k) => equivalent(item, two.items[order[k]!]!, comparing))
    if (comparing.strict) return false
  }
  const isOrdered = one.isTuple || two.isTuple
  if (isOrdered) {
    const [left, right] = [orderedFor(two, one), orderedFor(one, two)]
    return left.length === right.length && left.every((item, k) => equivalent(item, right[k]!, comparing))
  }
  return sameMembers(one.items, two.items, comparing)
}

/** The members as they stand, yet against a tuple `y = 2, x = 1` is (1, 2). */
function orderedFor(other: Listing, { items, names }: Listing): Node[] {
  if (!other.isTuple || other.names || !names?.every((name) => /^[a-z]$/.test(name))) return items
  return [...names].sort().map((name) => items[names.indexOf(name)]!)
}

interface Listing {
  items: Node[]
  isTuple: boolean
  names: string[] | null
}

/** The members of anything that lists, with `x = 1 or x = 2`, `n = 2, 3, 4` and `x = 1, y = 2` reduced to values. */
function asList(node: Node, unified = false): Listing {
  if (node.kind === 'bracket')
    return { items: node.items.map(assignedValue), isTuple: node.open !== '{', names: null }
  if (isVector(node)) return { items: cellsOf(node).flat(), isTuple: true, names: null }
  if (node.kind !== 'list') {
    const defined = definition(node)
    return defined && (defined.value.kind === 'list' || defined.value.kind === 'bracket')
      ? asList(defined.value)
      : { items: [defined ? defined.value : node], isTuple: false, names: null }
  }
  const members = withoutQuantifiers(node.items, unified)
  const definitions = members.map(definition)
  const names = definitions.flatMap((d) => (d && d.name.kind !== 'bracket' ? [canonical(d.name)] : []))
  const numNames = new Set(names).size
  if (
    names.length === members.length &&
    numNames > 1 &&
    numNames < names.length &&
    isRepeated(names, numNames)
  )
    return { items: solutions(definitions as Definition[], names, numNames), isTuple: false, names: null }
  if (names.length === members.length && names.length > 1 && new Set(names).size === names.length) {
    return { items: definitions.map((d) => d!.value), isTuple: true, names }
  }
  return { items: members.flatMap((member) => spread(assignedValue(member))), isTuple: false, names: null }
}

const isRepeated = (names: string[], period: number): boolean =>
  names.length % period === 0 && names.every((name, k) => name === names[k % period])

/** `a = 1, b = 4 or a = 3, b = 4` as (1, 4) and (3, 4). */
function solutions(definitions: Definition[], names: string[], size: number): Node[] {
  const order = names
    .slice(0, size)
    .map((_, k) => k)
    .sort((i, j) => (names[i]! < names[j]! ? -1 : 1))
  return Array.from({ length: names.length / size }, (_, k) => ({
    kind: 'bracket',
    open: '(',
    close: ')',
    items: order.map((at) => definitions[k * size + at]!.value),
  }))
}

const spread = (node: Node): Node[] => (node.kind === 'list' ? node.items : [node])

function assignedValue(node: Node): Node {
  const value = withoutSigns(definition(node)?.value ?? node)
  if (value.kind !== 'bracket') return value
  return { ...value, items: value.items.map((item) => definition(item)?.value ?? item) }
}

/** Drops `k ∈ ℤ`; unified, the integer it names gets one spelling. */
function withoutQuantifiers(items: Node[], unified: boolean): Node[] {
  const isQuantifier = (item: Node): boolean =>
    item.kind === 'relation' &&
    item.comparisons[0] === '∈' &&
    item.sides[0]!.kind === 'symbol' &&
    /ℤ|ℕ/.test(canonical(item.sides[1]!))
  const quantifiers = items.filter(isQuantifier)
  if (quantifiers.length !== 1 || items.length === 1) return items
  const rest = items.filter((item) => item !== quantifiers[0])
  if (!unified) return rest
  const name = canonical((quantifiers[0] as Node & { kind: 'relation' }).sides[0]!)
  return rest.map((item) => renamed(item, new Map([[name, 'ℤ-variable']])))
}

export function renamed(node: Node, names: ReadonlyMap<string, string>): Node {
  if (node.kind === 'symbol') return symbol(names.get(node.name) ?? node.name)
  return mapParts(node, (part) => renamed(part, names))
}

/** Equal as multisets; of different lengths, equal as sets. */
function sameMembers(a: Node[], b: Node[], comparing: Comparing): boolean {
  if (a.length === b.length) return matched(a, b, comparing)
  return matched(distinct(a, comparing), distinct(b, comparing), comparing)
}

function matched(a: Node[], b: Node[], comparing: Comparing): boolean {
  if (a.length !== b.length) return false
  const rest = [...b]
  return a.every((item) => {
    const index = rest.findIndex((other) => equivalent(item, other, comparing))
    if (index >= 0) rest.splice(index, 1)
    return index >= 0
  })
}

function distinct(items: Node[], comparing: Comparing): Node[] {
  const kept: Node[] = []
  for (const item of items) if (!kept.some((other) => equivalent(item, other, comparing))) kept.push(item)
  return kept
}

function bracketsEqual(a: Node, b: Node, comparing: Comparing): boolean {
  if (a.kind !== 'bracket' || b.kind !== 'bracket') {
    const [bracket, other] = a.kind === 'bracket' ? [a, b] : [b as Node & { kind: 'bracket' }, a]
    return (
      bracket.open === '{' && bracket.items.length === 1 && equivalent(bracket.items[0]!, other, comparing)
    )
  }
  if (a.open === '{' && b.open === '{')
    return sameMembers(a.items.map(assignedValue), b.items.map(assignedValue), comparing)
  if (a.open === '{' || b.open === '{') {
    const isSameOrder =
      a.items.length === b.items.length &&
      a.items.every((item, k) => equivalent(item, b.items[k]!, comparing))
    return isSameOrder || (!comparing.strict && sameMembers(a.items, b.items, comparing))
  }
  if (a.items.length === 2 && (a.open !== b.open || a.close !== b.close)) return false
  const [one, two] = [asList(a).items, asList(b).items]
  return one.length === two.length && one.every((item, k) => equivalent(item, two[k]!, comparing))
}

function matricesEqual(a: Node, b: Node, comparing: Comparing): boolean {
  // A tuple may stand for a row or a column; two matrices must have the same shape.
  const rows = isMatrix(a) && isMatrix(b) ? cellsOf : columnOf
  const [one, two] = [rows(a), rows(b)]
  return (
    one.length === two.length &&
    one.every(
      (row, r) =>
        row.length === two[r]!.length && row.every((cell, c) => equivalent(cell, two[r]![c]!, comparing)),
    )
  )
}

const isPiecewise = (node: Node): node is Node & { kind: 'apply' } =>
  node.kind === 'apply' && node.op === 'piecewise'

/** The same pieces in any order; "otherwise" stands for whichever condition is left over. */
function piecewiseEqual(
  a: Node & { kind: 'apply' },
  b: Node & { kind: 'apply' },
  comparing: Comparing,
): boolean {
  const rest = [...b.args]
  const isRest = (node: Node): boolean => node.kind === 'text' && /^(?:otherwise|else)\W*$/.test(node.value)
  const match = (left: Node, isSame: (one: Node, other: Node) => boolean): boolean => {
    const [value, condition] = parts(left) as [Node, Node]
    const at = rest.findIndex((right) => {
      const [other, otherCondition] = parts(right) as [Node, Node]
      return isSame(condition, otherCondition) && equivalent(value, other, comparing)
    })
    if (at >= 0) rest.splice(at, 1)
    return at >= 0
  }
  if (a.args.length !== b.args.length) return false
  const left = a.args.filter((row) => !match(row, (one, other) => equivalent(one, other, comparing)))
  return left.length <= 1 && left.every((row) => match(row, (one, other) => isRest(one) || isRest(other)))
}

function relationalEqual(a: Node, b: Node, comparing: Comparing): boolean {
  const [one, two] = [definition(a), definition(b)]
  if (a.kind === 'relation' && b.kind === 'relation') {
    if (one && two) return definitionsEqual(one, two, comparing) || relationsEqual(a, b, comparing)
    return relationsEqual(a, b, comparing)
  }
  const approximated = asApproximation(a.kind === 'relation' ? a : b)
  if (approximated)
    return approximated.some((side) => equivalent(side, a.kind === 'relation' ? b : a, comparing))
  if (a.kind === 'relation') return one !== null && answers(one) && equivalent(one.value, b, comparing)
  return two !== null && answers(two) && equivalent(a, two.value, comparing)
}

/** A class of remainders is no number. */
const answers = (defined: Definition): boolean =>
  isTrue(defined) && !(defined.value.kind === 'quantity' && isModulus(defined.value.unit))

/** `18 = 17` says nothing about 17, where `3 · 6 = 18` answers 18. Rounding is forgiven. */
function isTrue({ name, value }: Definition): boolean {
  const isSum = name.kind === 'number' || name.kind === 'apply'
  if (!isSum || hasVariables(name) || hasVariables(value)) return true
  return areClose(name, value)
}

/** `√2 ≈ 1.414` answers with either side, if they really are close. */
function asApproximation(node: Node): Node[] | null {
  if (node.kind !== 'relation' || node.comparisons.at(-1) !== '≈') return null
  const [exact, decimal] = node.sides.slice(-2) as [Node, Node]
  if (hasVariables(exact) || hasVariables(decimal)) return null
  return areClose(exact, decimal) ? [exact, decimal] : null
}

/** Within a hundredth. */
function areClose(a: Node, b: Node): boolean {
  const budget = { steps: 10_000, deadline: Number.POSITIVE_INFINITY }
  const zero: Node = { kind: 'number', value: { n: 0n, d: 1n }, inexact: true, text: '0.0' }
  return scalarsEqual(apply('add', a, zero), b, { precision: 2, strict: true, budget, undecided: false })
}

function definitionsEqual(one: Definition, two: Definition, comparing: Comparing): boolean {
  let value = two.value
  if (canonical(one.name) !== canonical(two.name)) {
    const [a, b] = [one.name, two.name]
    if (a.kind === 'bracket' && b.kind === 'bracket') {
      const order = a.items.map((name) => b.items.findIndex((other) => canonical(other) === canonical(name)))
      if (order.includes(-1)) return !comparing.strict && equivalent(one.value, value, comparing)
      if (value.kind !== 'bracket' || value.items.length !== order.length) return false
      value = { ...value, items: order.map((at) => (value as typeof b).items[at]!) }
    } else if (
      a.kind === 'call' &&
      b.kind === 'call' &&
      a.name === b.name &&
      a.args[0]?.kind === 'symbol' &&
      b.args[0]?.kind === 'symbol'
    ) {
      value = renamed(value, new Map([[b.args[0].name, a.args[0].name]]))
    } else if (comparing.strict && a.kind === b.kind && (a.kind === 'symbol' || a.kind === 'call'))
      return false
    else if (comparing.strict && a.kind === 'apply' && b.kind === 'apply' && !equivalent(a, b, comparing))
      return false
  }
  return equivalent(one.value, value, comparing)
}

/** Ratios of three and more terms: proportional term by term. */
function ratiosEqual(a: Node[], b: Node[], comparing: Comparing): boolean {
  if (a.length !== b.length) return false
  return a.every((term, k) =>
    scalarsEqual(apply('multiply', term, b[0]!), apply('multiply', b[k]!, a[0]!), comparing),
  )
}
