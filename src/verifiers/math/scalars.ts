/**
 * Are two expressions equal? Exact fractions first; then numeric agreement to ten digits, at twelve points where there are
 * variables (an identity that holds at all of them holds); a number written with a decimal point is compared to `precision` digits.
 */
import type { Budget } from './budget.ts'
import { type Complex, complex, isDefined, isReal, modulus, subtract } from './complex.ts'
import { evaluate, NotNumeric } from './evaluate.ts'
import { exactValue, isInexact } from './exact.ts'
import { canonical, freeVariables, type Node, some } from './node.ts'
import { same, toNumber } from './rational.ts'

export interface Comparing {
  /** Decimals that must agree where either side was written as a decimal. */
  precision: number
  strict: boolean
  budget: Budget
  /** Set where a pair could not be decided here, so that the symbolic layer may be asked. */
  undecided: boolean
}

export function scalarsEqual(a: Node, b: Node, comparing: Comparing): boolean {
  if (canonical(a) === canonical(b)) return true
  if (some(a, isStructure) || some(b, isStructure)) return false
  const [infiniteA, infiniteB] = [infinitySign(a), infinitySign(b)]
  if (infiniteA !== 0 || infiniteB !== 0) return infiniteA === infiniteB
  const inexact = isInexact(a) || isInexact(b)
  const [exactA, exactB] = [exactValue(a, comparing.budget), exactValue(b, comparing.budget)]
  if (exactA && exactB) {
    if (same(exactA, exactB)) return true
    return (
      inexact && withinPrecision(complex(toNumber(exactA)), complex(toNumber(exactB)), comparing.precision)
    )
  }
  try {
    return agree(a, b, inexact, comparing)
  } catch (error) {
    if (!(error instanceof NotNumeric)) throw error
    comparing.undecided = true
    return false
  }
}

/** Sets, tuples and statements have no value: nothing is left to decide about them here. */
const isStructure = (part: Node): boolean =>
  part.kind === 'bracket' ||
  part.kind === 'list' ||
  part.kind === 'relation' ||
  (part.kind === 'apply' && ['union', 'intersection', 'difference'].includes(part.op))

/** 1 and -1 for the infinities, 0 for everything else. */
export function infinitySign(node: Node): number {
  if (node.kind === 'symbol') return node.name === 'infinity' ? 1 : 0
  if (node.kind === 'apply' && node.op === 'negate') return -infinitySign(node.args[0]!)
  return 0
}

function agree(a: Node, b: Node, inexact: boolean, comparing: Comparing): boolean {
  const variables = [...new Set([...freeVariables(a), ...freeVariables(b)])].sort()
  if (variables.length > 12) throw new NotNumeric()
  const isOpaque = some(a, isUnknown) || some(b, isUnknown)
  const close = (x: Complex, y: Complex): boolean =>
    inexact ? withinPrecision(x, y, comparing.precision) : nearlySame(x, y)
  if (variables.length === 0) {
    const [x, y] = valuesAt(a, b, new Map(), comparing.budget)
    if (isDefined(x) && isDefined(y) && close(x, y)) return !isOpaque || sameNames(a, b)
    if (!isDefined(x) || !isDefined(y)) comparing.undecided = true
    return (
      hasDegrees(a) !== hasDegrees(b) &&
      mentionsPi(a) !== mentionsPi(b) &&
      close(...valuesAt(a, b, new Map(), comparing.budget, true))
    )
  }
  return agreeAtPoints(a, b, variables, close, comparing)
}

function agreeAtPoints(
  a: Node,
  b: Node,
  variables: string[],
  close: (x: Complex, y: Complex) => boolean,
  comparing: Comparing,
): boolean {
  const discrete = some(a, needsIntegers) || some(b, needsIntegers)
  const pairs: [Complex, Complex][] = []
  for (let k = 0; k < 12; k++) {
    const point = new Map(variables.map((name, index) => [name, complex(coordinate(index, k, discrete))]))
    const pair = valuesAt(a, b, point, comparing.budget)
    if (isDefined(pair[0]) && isDefined(pair[1])) pairs.push(pair)
  }
  // Where both are real somewhere, the identity is judged over the reals: ln x² is 2 ln x.
  const real = pairs.filter(([x, y]) => isReal(x) && isReal(y))
  const judged = real.length >= 3 ? real : pairs
  if (judged.length < 3) {
    comparing.undecided = true
    return false
  }
  return judged.every(([x, y]) => close(x, y))
}

function valuesAt(
  a: Node,
  b: Node,
  variables: Map<string, Complex>,
  budget: Budget,
  degreesAsRadians = false,
): [Complex, Complex] {
  const point = { variables, budget, degreesAsRadians }
  return [evaluate(a, point), evaluate(b, point)]
}

/** Points spread over both signs, with no simple relation between variables. */
function coordinate(variable: number, k: number, discrete: boolean): number {
  const wave = Math.sin((variable + 1) * 12.9898 + (k + 1) * 78.233) * 43758.5453
  const unit = wave - Math.floor(wave)
  if (discrete) return 2 + ((k + Math.floor(unit * 5) * (variable + 1)) % 9)
  const size = 0.15 + 2.4 * unit
  return (k + variable) % 3 === 2 || k === 7 ? -size : size
}

const needsIntegers = (part: Node): boolean =>
  part.kind === 'apply' &&
  ['sum', 'product', 'factorial', 'factorial2', 'binomial', 'mod', 'gcd', 'lcm'].includes(part.op)
const isUnknown = (part: Node): boolean =>
  part.kind === 'call' ||
  part.kind === 'text' ||
  (part.kind === 'symbol' && (part.name === '…' || isSetName(part.name)))
const isSetName = (name: string): boolean => ['ℝ', 'ℤ', 'ℚ', 'ℕ', 'ℂ', '∅'].includes(name)
const hasDegrees = (node: Node): boolean =>
  some(node, (part) => part.kind === 'apply' && part.op === 'degree')
const mentionsPi = (node: Node): boolean => some(node, (part) => part.kind === 'symbol' && part.name === 'pi')

/** Hashed values can only agree by chance between different names. */
function sameNames(a: Node, b: Node): boolean {
  const names = (node: Node): string[] => {
    const found: string[] = []
    some(node, (part) => {
      if (part.kind === 'call') found.push(part.name)
      return false
    })
    return [...new Set(found)].sort()
  }
  return names(a).join() === names(b).join()
}

function nearlySame(x: Complex, y: Complex): boolean {
  return modulus(subtract(x, y)) <= 1e-10 * Math.max(modulus(x), modulus(y)) + 1e-13
}

/** Agreement to `precision` decimals, and never to fewer than `precision - 2` significant digits. */
function withinPrecision(x: Complex, y: Complex, precision: number): boolean {
  const size = Math.max(modulus(x), modulus(y))
  const difference = modulus(subtract(x, y))
  return difference <= 0.5 * 10 ** -precision * Math.min(1, 100 * size) || difference <= 1e-12 * size
}
