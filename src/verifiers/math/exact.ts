/** Exact value of an answer as a fraction, where it has one: the layer that cannot be wrong. */
import { type Budget, spend } from './budget.ts'
import { type Node, some } from './node.ts'
import {
  add,
  binomial,
  divide,
  exactRoot,
  factorial,
  floor,
  greatestCommonDivisor,
  isInteger,
  multiply,
  negate,
  power,
  type Rational,
  subfactorial,
} from './rational.ts'

/** Null where the value is irrational, has variables, or is too large to keep exact. */
export function exactValue(node: Node, budget: Budget): Rational | null {
  spend(budget)
  if (node.kind === 'number') return node.value
  if (node.kind === 'quantity') {
    const value = exactValue(node.value, budget)
    return value && node.unit === '%' ? divide(value, { n: 100n, d: 1n }) : value
  }
  if (node.kind !== 'apply') return null
  const args: Rational[] = []
  for (const arg of node.args) {
    const value = exactValue(arg, budget)
    if (!value) return null
    args.push(value)
  }
  return operate(node.op, args)
}

function operate(op: string, args: Rational[]): Rational | null {
  const [a, b] = args as [Rational, Rational]
  switch (op) {
    case 'add':
      return add(a, b)
    case 'multiply':
      return multiply(a, b)
    case 'divide':
      return divide(a, b)
    case 'negate':
      return negate(a)
    case 'power':
      return power(a, b)
    case 'sqrt':
      return exactRoot(a, 2)
    case 'root':
      return isInteger(a) && a.n > 0n && a.n < 64n ? exactRoot(b, Number(a.n)) : null
    case 'factorial':
      return factorial(a)
    case 'subfactorial':
      return subfactorial(a)
    case 'binomial':
      return binomial(a, b)
    case 'abs':
      return a.n < 0n ? negate(a) : a
    case 'floor':
      return floor(a)
    case 'ceil':
      return negate(floor(negate(a)))
    case 'degree':
      return a
    case 'mod': {
      const quotient = divide(a, b)
      const whole = quotient && multiply(floor(quotient), b)
      return whole && add(a, negate(whole))
    }
    case 'gcd':
      return args.every(isInteger)
        ? { n: args.reduce((x, y) => greatestCommonDivisor(x, y.n), 0n), d: 1n }
        : null
    case 'max':
      return args.reduce((x, y) => (x.n * y.d >= y.n * x.d ? x : y))
    case 'min':
      return args.reduce((x, y) => (x.n * y.d <= y.n * x.d ? x : y))
    case 'ratio':
      return args.length === 2 ? divide(a, b) : null
    default:
      return null
  }
}

/** Was any number in it written with a decimal point? Then it is compared with the stated tolerance. */
export const isInexact = (node: Node): boolean => some(node, (part) => part.kind === 'number' && part.inexact)
