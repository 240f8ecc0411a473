/**
 * Are two expressions equal? Exact fractions first; then numeric agreement to ten digits, at the points of points.ts where there
 * are variables (an identity that holds at all of them holds); a number written with a decimal point is compared to `precision` digits.
 */
import type { Budget } from './budget.ts'
import { type Complex, complex, isDefined, isReal, modulus, subtract } from './complex.ts'
import { evaluate, NotNumeric } from './evaluate.ts'
import { exactValue, isInexact } from './exact.ts'
import { canonical, freeVariables, type Node, some } from './node.ts'
import { type SamplePoint, samplePoints } from './points.ts'
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
  const floor = Math.max(roundingFloor(a), roundingFloor(b))
  const isOpaque = some(a, isUnknown) || some(b, isUnknown)
  const close: Closeness = (x, y, isFar = false) =>
    inexact
      ? withinPrecision(x, y, comparing.precision)
      : modulus(subtract(x, y)) <= (isFar ? 1e-6 : 1e-10) * Math.max(modulus(x), modulus(y)) + floor
  if (variables.length === 0) {
    const [x, y] = valuesAt(a, b, NOWHERE, comparing.budget)
    if (isDefined(x) && isDefined(y) && close(x, y)) return !isOpaque || sameNames(a, b)
    if (!isDefined(x) || !isDefined(y)) comparing.undecided = true
    return (
      hasDegrees(a) !== hasDegrees(b) &&
      mentionsPi(a) !== mentionsPi(b) &&
      close(...valuesAt(a, b, NOWHERE, comparing.budget, true))
    )
  }
  return agreeAtPoints(a, b, variables, close, comparing)
}

type Closeness = (x: Complex, y: Complex, isFar?: boolean) => boolean

const NOWHERE: SamplePoint = { variables: new Map(), isFar: false }

function agreeAtPoints(
  a: Node,
  b: Node,
  variables: string[],
  close: Closeness,
  comparing: Comparing,
): boolean {
  const pairs: [Complex, Complex, boolean][] = []
  for (const sample of samplePoints(a, b, variables)) {
    const [x, y] = valuesAt(a, b, sample, comparing.budget)
    if (isDefined(x) && isDefined(y)) pairs.push([x, y, sample.isFar])
  }
  // Where both are real somewhere, the identity is judged over the reals: ln x² is 2 ln x.
  const real = pairs.filter(([x, y]) => isReal(x) && isReal(y))
  const judged = real.length >= 3 ? real : pairs
  if (judged.length < 3) {
    comparing.undecided = true
    return false
  }
  return judged.every(([x, y, isFar]) => close(x, y, isFar))
}

function valuesAt(
  a: Node,
  b: Node,
  sample: SamplePoint,
  budget: Budget,
  degreesAsRadians = false,
): [Complex, Complex] {
  const point = { ...sample, budget, degreesAsRadians }
  return [evaluate(a, point), evaluate(b, point)]
}

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

/** Sums that cancel and waves at their zeros leave an error that no size of the result measures; e^{-30} leaves none. */
const roundingFloor = (node: Node): number => (some(node, mayCancel) ? 1e-13 : 0)
const mayCancel = (part: Node): boolean =>
  part.kind === 'call' || (part.kind === 'apply' && !SCALING.has(part.op))
const SCALING = new Set(['multiply', 'divide', 'negate', 'power', 'sqrt', 'root', 'ratio', 'abs', 'degree'])

/** Agreement to `precision` decimals, and never to fewer than `precision - 2` significant digits. */
function withinPrecision(x: Complex, y: Complex, precision: number): boolean {
  const size = Math.max(modulus(x), modulus(y))
  const difference = modulus(subtract(x, y))
  return difference <= 0.5 * 10 ** -precision * Math.min(1, 100 * size) || difference <= 1e-12 * size
}
