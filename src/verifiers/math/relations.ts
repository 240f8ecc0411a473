/** Equations and inequalities: `x = 5` against `5`, sides swapped, and equality up to a factor. */
import { add, type Complex, complex, divide, isDefined, modulus, subtract } from './complex.ts'
import { evaluate, NotNumeric } from './evaluate.ts'
import { apply, canonical, freeVariables, type Node, parts } from './node.ts'
import { samplePoints } from './points.ts'
import { flipped, hasVariables, isZero } from './real-sets.ts'
import type { Comparing } from './scalars.ts'

export type Relation = Node & { kind: 'relation' }

/** What an equation says about its left side: the name, and the value. */
export interface Definition {
  name: Node
  value: Node
}

const isEquation = (node: Node): node is Relation =>
  node.kind === 'relation' && node.comparisons.every((c) => c === '=' || c === '≈')

/** Reads `x = ... = 5` as a definition; null for an equation still to be solved, such as `x² - 5x + 6 = 0`. */
export function definition(node: Node): Definition | null {
  if (node.kind !== 'relation') return null
  const [one, two] = node.sides
  // `x \in \{1, 2\}` lists what x is.
  if (node.comparisons.join() === '∈' && isLabel(one!) && two!.kind === 'bracket' && two!.open === '{')
    return { name: one!, value: two! }
  if (!isEquation(node)) return null
  const first = node.sides[0]!
  const last = node.sides.at(-1)!
  if (isLabel(first)) return { name: first, value: last }
  if (isLabel(last) && node.sides.length === 2 && !hasVariables(first)) return { name: last, value: first }
  // `4x = 4 · 10 = 40` is computed to its end.
  const isComputed = node.sides.length > 2 && !hasVariables(node.sides.at(-2)!)
  if ((isQuantity(first) || isComputed) && !hasVariables(last) && !isZero(last))
    return { name: first, value: last }
  if (!hasVariables(first) && !hasVariables(last)) return { name: first, value: last }
  return null
}

/** What a problem may ask the value of, `a + b` or `\frac{a}{b}`; a number in it makes it an equation, `3y + w = 4`. */
function isQuantity(node: Node): boolean {
  if (!hasVariables(node)) return false
  const isConstant = (part: Node): boolean => part.kind === 'number' || part.kind === 'bracket'
  const isFree = (part: Node): boolean =>
    part.kind === 'apply' && part.op === 'power'
      ? isFree(part.args[0]!)
      : part.kind === 'call' || part.kind === 'relation' || (!isConstant(part) && parts(part).every(isFree))
  return isFree(node)
}

/** Names that are given a value: x, f(x), (x, y), \angle ABC, V_1 : V_2, area. */
function isLabel(node: Node): boolean {
  switch (node.kind) {
    case 'symbol':
      return freeVariables(node).length === 1
    case 'text':
    case 'call':
      return true
    case 'bracket':
    case 'list':
      return node.kind === 'bracket' ? node.items.every(isLabel) : false
    case 'apply':
      if (node.op === 'ratio') return node.args.every(isLabel)
      if (node.op === 'abs' || node.op === 'conjugate') return isLabel(node.args[0]!)
      return node.op === 'multiply' && node.args.every(isLabel) && startsWithMark(node)
    default:
      return false
  }
}

function startsWithMark(node: Node): boolean {
  if (node.kind === 'apply') return startsWithMark(node.args[0]!)
  if (node.kind === 'text') return true
  return (
    node.kind === 'symbol' && (node.name === 'angle' || node.name === 'triangle' || /^[A-Z]$/.test(node.name))
  )
}

/** The same statement up to a constant factor, the order of sides, or which variable it is solved for. */
export function relationsEqual(a: Relation, b: Relation, comparing: Comparing): boolean {
  if (a.sides.length !== 2 || b.sides.length !== 2) return sameChains(a, b)
  const [one, two] = [oriented(a), oriented(b)]
  if (one.comparison !== two.comparison) return false
  const variables = freeVariables(one.difference)
  if (variables.length === 0 || variables.join() !== freeVariables(two.difference).join()) return false
  // A solved equation is an answer, and the same one unsolved is the question.
  if (variables.length === 1 && isSolved(a) !== isSolved(b)) return false
  const isEquality = one.comparison === '=' || one.comparison === '≠'
  try {
    const factor = constantFactor(one.difference, two.difference, variables, comparing)
    if (factor !== null && (isEquality || factor > 0)) return true
    return (
      isEquality &&
      variables.length > 1 &&
      variables.some((v) => sameSolution(one.difference, two.difference, v, variables, comparing))
    )
  } catch (error) {
    if (!(error instanceof NotNumeric)) throw error
    return false
  }
}

const isSolved = (node: Relation): boolean =>
  node.sides.some((side) => side.kind === 'symbol' || side.kind === 'call')

function sameChains(a: Relation, b: Relation): boolean {
  const turned = {
    ...b,
    sides: [...b.sides].reverse(),
    comparisons: [...b.comparisons].reverse().map(flipped),
  }
  return canonical(a) === canonical(b) || canonical(a) === canonical(turned)
}

function oriented(node: Relation): { difference: Node; comparison: string } {
  const [left, right] = node.sides as [Node, Node]
  const comparison = node.comparisons[0]!
  if (comparison === '>' || comparison === '≥')
    return { difference: subtractNodes(right, left), comparison: flipped(comparison) }
  return { difference: subtractNodes(left, right), comparison: comparison === '≈' ? '=' : comparison }
}

const subtractNodes = (a: Node, b: Node): Node => apply('add', a, apply('negate', b))

function constantFactor(a: Node, b: Node, variables: string[], comparing: Comparing): number | null {
  let factor: Complex | null = null
  let agreed = 0
  for (const sample of samplePoints(a, b, variables)) {
    const point = { ...sample, budget: comparing.budget }
    const [x, y] = [evaluate(a, point), evaluate(b, point)]
    if (!isDefined(x) || !isDefined(y) || modulus(y) < 1e-9) continue
    const ratio = divide(x, y)
    factor ??= ratio
    if (modulus(subtract(ratio, factor)) > 1e-8 * modulus(factor)) return null
    agreed++
  }
  return agreed >= 4 && factor && modulus(factor) > 1e-12 && Math.abs(factor.im) < 1e-9 ? factor.re : null
}

const FAR = 1_000

/** Solves both for one variable that occurs linearly, and compares the solutions: y = 1/x is xy = 1. */
function sameSolution(
  a: Node,
  b: Node,
  variable: string,
  variables: string[],
  comparing: Comparing,
): boolean {
  let agreed = 0
  for (const sample of samplePoints(a, b, variables)) {
    const roots = [a, b].map((node) => {
      const [f0, f1, f2, ...far] = [0, 1, 2, -FAR, FAR].map((value) =>
        evaluate(node, {
          ...sample,
          variables: new Map(sample.variables).set(variable, complex(value)),
          budget: comparing.budget,
        }),
      ) as [Complex, Complex, Complex, Complex, Complex]
      const slope = subtract(f1, f0)
      if (!isDefined(f0) || !isDefined(f1) || modulus(slope) < 1e-9) return null
      if (modulus(subtract(subtract(f2, f1), slope)) > 1e-8 * modulus(slope)) return undefined
      // |x + 3| is a line on either side, and not the same one.
      const [below, above] = far.map((value) => divide(subtract(value, f0), complex(FAR)))
      if (modulus(add(below!, slope)) > 1e-6 * modulus(slope)) return undefined
      if (modulus(subtract(above!, slope)) > 1e-6 * modulus(slope)) return undefined
      return divide(complex(-f0.re, -f0.im), slope)
    })
    if (roots.includes(undefined)) return false
    const [x, y] = roots
    if (!x || !y) continue
    if (modulus(subtract(x, y)) > 1e-8 * Math.max(1, modulus(x))) return false
    agreed++
  }
  return agreed >= 4
}
