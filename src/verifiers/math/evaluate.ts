/**
 * Numeric value of an expression at a point, in complex doubles. Unknown functions get a value from a hash of their name
 * and arguments, so that f(x+1) equals f(1+x) and nothing else. Left out: limits, derivatives, integrals without bounds.
 */
import { type Budget, spend } from './budget.ts'
import {
  add,
  type Complex,
  complex,
  cosine,
  divide,
  exponential,
  isDefined,
  isReal,
  logarithm,
  modulus,
  multiply,
  NOT_A_NUMBER,
  negate,
  power,
  sine,
  squareRoot,
  subtract,
} from './complex.ts'
import type { Node } from './node.ts'
import { toNumber } from './rational.ts'

export interface Point {
  variables: ReadonlyMap<string, Complex>
  budget: Budget
  /** Read a bare degree sign as an angle in radians. */
  degreesAsRadians?: boolean
  /** A step that leaves the reals has no value: √(x-3) √(x+3) is not √(x²-9) below -3, where neither root is real. */
  isFar?: boolean
}

/** An expression that has no numeric meaning here: the comparison stays undecided. */
export class NotNumeric extends Error {}

const CONSTANT_VALUES: Record<string, Complex> = {
  pi: complex(Math.PI),
  e: complex(Math.E),
  i: complex(0, 1),
  infinity: complex(Number.POSITIVE_INFINITY),
}

export function evaluate(node: Node, point: Point): Complex {
  spend(point.budget)
  switch (node.kind) {
    case 'number':
      return complex(toNumber(node.value))
    case 'symbol':
      return point.variables.get(node.name) ?? CONSTANT_VALUES[node.name] ?? hashed(node.name, [])
    case 'text':
      return hashed(`"${node.value.toLowerCase()}"`, [])
    case 'quantity': {
      if (node.unit.startsWith('mod ')) throw new NotNumeric()
      const value = evaluate(node.value, point)
      return node.unit === '%' ? divide(value, complex(100)) : value
    }
    case 'call':
      return hashed(
        node.name,
        node.args.map((arg) => evaluate(arg, point)),
      )
    case 'apply': {
      const value = evaluateOperation(node.op, node.args, point)
      return point.isFar && !isReal(value) ? NOT_A_NUMBER : value
    }
    default:
      throw new NotNumeric()
  }
}

function evaluateOperation(op: string, args: Node[], point: Point): Complex {
  if (op === 'sum' || op === 'product') return series(op, args, point)
  if (op === 'integral') return integral(args, point)
  if (op === 'det') return determinant(args[0]!, point)
  const values = args.map((arg) => evaluate(arg, point))
  const [a, b] = values as [Complex, Complex]
  switch (op) {
    case 'add':
      return add(a, b)
    case 'multiply':
      return multiply(a, b)
    case 'divide':
      return divide(a, b)
    case 'ratio':
      if (values.length !== 2) throw new NotNumeric()
      return divide(a, b)
    case 'negate':
      return negate(a)
    case 'power':
      return power(a, b)
    case 'sqrt':
      return squareRoot(a)
    case 'root':
      return root(a, b)
    case 'degree':
      return point.degreesAsRadians ? multiply(a, complex(Math.PI / 180)) : a
    case 'base':
      throw new NotNumeric()
    default:
      return namedFunction(op, values)
  }
}

function namedFunction(op: string, values: Complex[]): Complex {
  const [a, b] = values as [Complex, Complex]
  const i = complex(0, 1)
  switch (op) {
    case 'abs':
      return complex(modulus(a))
    case 'ln':
      return logarithm(a)
    case 'log':
      return divide(logarithm(b), logarithm(a))
    case 'sin':
      return sine(a)
    case 'cos':
      return cosine(a)
    case 'tan':
      return divide(sine(a), cosine(a))
    case 'cot':
      return divide(cosine(a), sine(a))
    case 'sec':
      return divide(complex(1), cosine(a))
    case 'csc':
      return divide(complex(1), sine(a))
    case 'sinh':
      return divide(subtract(exponential(a), exponential(negate(a))), complex(2))
    case 'cosh':
      return divide(add(exponential(a), exponential(negate(a))), complex(2))
    case 'tanh':
      return divide(namedFunction('sinh', [a]), namedFunction('cosh', [a]))
    case 'binomial':
      return binomial(a, b)
    case 'Re':
      return complex(a.re)
    case 'conjugate':
      return complex(a.re, -a.im)
    case 'Im':
      return complex(a.im)
    case 'arg':
      return complex(Math.atan2(a.im, a.re))
    case 'plusminus':
    case 'minusplus':
      throw new NotNumeric()
    case 'arcsin':
      return isReal(a) && Math.abs(a.re) <= 1
        ? complex(Math.asin(a.re))
        : negate(
            multiply(i, logarithm(add(multiply(i, a), squareRoot(subtract(complex(1), multiply(a, a)))))),
          )
    default:
      return realFunction(op, values)
  }
}

function realFunction(op: string, values: Complex[]): Complex {
  if (!values.every(isReal)) return NOT_A_NUMBER
  const numbers = values.map((value) => value.re)
  const x = numbers[0]!
  switch (op) {
    case 'floor':
      return complex(Math.floor(x + 1e-9 * Math.max(1, Math.abs(x))))
    case 'ceil':
      return complex(Math.ceil(x - 1e-9 * Math.max(1, Math.abs(x))))
    case 'factorial':
      return complex(gamma(x + 1))
    case 'factorial2':
      return doubleFactorial(x)
    case 'arccos':
      return complex(Math.acos(x))
    case 'arctan':
      return complex(Math.atan(x))
    case 'arccot':
      return complex(Math.PI / 2 - Math.atan(x))
    case 'arcsec':
      return complex(Math.acos(1 / x))
    case 'arccsc':
      return complex(Math.asin(1 / x))
    case 'arcsinh':
      return complex(Math.asinh(x))
    case 'arccosh':
      return complex(Math.acosh(x))
    case 'arctanh':
      return complex(Math.atanh(x))
    case 'max':
      return complex(Math.max(...numbers))
    case 'min':
      return complex(Math.min(...numbers))
    case 'sgn':
      return complex(Math.sign(x))
    case 'mod':
      return complex(x - numbers[1]! * Math.floor(x / numbers[1]!))
    case 'gcd':
      return complex(numbers.reduce(gcd))
    case 'lcm':
      return complex(numbers.reduce((m, n) => Math.abs(m * n) / (gcd(m, n) || 1)))
    default:
      throw new NotNumeric()
  }
}

function root(degree: Complex, value: Complex): Complex {
  // Real odd roots of negative numbers are real in every textbook.
  if (isReal(value) && value.re < 0 && isReal(degree) && degree.re % 2 === 1)
    return complex(-((-value.re) ** (1 / degree.re)))
  return power(value, divide(complex(1), degree))
}

function binomial(n: Complex, k: Complex): Complex {
  if (!isReal(k) || !Number.isInteger(k.re) || Math.abs(k.re) > 500) return NOT_A_NUMBER
  if (k.re < 0) return complex(0)
  let product = complex(1)
  for (let j = 0; j < k.re; j++) product = divide(multiply(product, subtract(n, complex(j))), complex(j + 1))
  return product
}

function doubleFactorial(n: number): Complex {
  if (!Number.isInteger(n) || n < -1 || n > 300) return NOT_A_NUMBER
  let product = 1
  for (let k = n; k > 1; k -= 2) product *= k
  return complex(product)
}

function gamma(x: number): number {
  if (Number.isInteger(x)) {
    if (x <= 0 || x > 171) return Number.NaN
    let product = 1
    for (let k = 2; k < x; k++) product *= k
    return product
  }
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x))
  // Lanczos' approximation, g = 7.
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  const t = x + 6.5
  const series = c.reduce((sum, term, k) => sum + (k === 0 ? term : term / (x - 1 + k)), 0)
  return Math.sqrt(2 * Math.PI) * t ** (x - 0.5) * Math.exp(-t) * series
}

const gcd = (a: number, b: number): number =>
  b === 0 || !Number.isInteger(a) || !Number.isInteger(b) ? Math.abs(a) : gcd(b, a % b)

const MAX_TERMS = 2_000

function series(op: string, args: Node[], point: Point): Complex {
  const [index, low, high, body] = args as [Node, Node, Node, Node]
  if (index.kind !== 'symbol') throw new NotNumeric()
  const from = evaluate(low, point).re
  const to = evaluate(high, point).re
  if (!Number.isInteger(from) || !Number.isInteger(to) || to - from > MAX_TERMS) throw new NotNumeric()
  let result = complex(op === 'sum' ? 0 : 1)
  for (let k = from; k <= to; k++) {
    const term = evaluate(body, { ...point, variables: new Map(point.variables).set(index.name, complex(k)) })
    result = op === 'sum' ? add(result, term) : multiply(result, term)
  }
  return result
}

/** Gauss-Legendre on 64 panels of 3 points; finite real bounds only. */
function integral(args: Node[], point: Point): Complex {
  const [index, low, high, body] = args as [Node, Node, Node, Node]
  const from = evaluate(low, point)
  const to = evaluate(high, point)
  if (index.kind !== 'symbol' || !isDefined(from) || !isDefined(to) || !isReal(from) || !isReal(to))
    throw new NotNumeric()
  const panels = 64
  const width = (to.re - from.re) / panels
  let sum = complex(0)
  for (let panel = 0; panel < panels; panel++) {
    for (const [offset, weight] of [
      [0.1127016653792583, 5 / 18],
      [0.5, 8 / 18],
      [0.8872983346207417, 5 / 18],
    ] as const) {
      const at = complex(from.re + width * (panel + offset))
      const value = evaluate(body, { ...point, variables: new Map(point.variables).set(index.name, at) })
      sum = add(sum, multiply(value, complex(weight * width)))
    }
  }
  return sum
}

function determinant(matrix: Node, point: Point): Complex {
  if (
    matrix.kind !== 'matrix' ||
    matrix.rows.some((row) => row.length !== matrix.rows.length) ||
    matrix.rows.length > 6
  )
    throw new NotNumeric()
  const expand = (rows: Complex[][]): Complex =>
    rows.length === 1
      ? rows[0]![0]!
      : rows[0]!.reduce((sum, value, column) => {
          const minor = multiply(
            value,
            expand(rows.slice(1).map((row) => row.filter((_, k) => k !== column))),
          )
          return column % 2 === 0 ? add(sum, minor) : subtract(sum, minor)
        }, complex(0))
  return expand(matrix.rows.map((row) => row.map((cell) => evaluate(cell, point))))
}

/** A fixed value between 0.5 and 2 for a name and its arguments, rounded so that equal arguments agree. */
function hashed(name: string, args: Complex[]): Complex {
  if (!args.every(isDefined)) return NOT_A_NUMBER
  let hash = 2166136261
  const key = name + args.map((z) => `,${rounded(z.re)};${rounded(z.im)}`).join('')
  for (let k = 0; k < key.length; k++) hash = Math.imul(hash ^ key.charCodeAt(k), 16777619) >>> 0
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507) >>> 0
  return complex(0.5 + (1.5 * ((hash ^ (hash >>> 13)) >>> 0)) / 2 ** 32)
}

const rounded = (x: number): string => (Math.abs(x) < 1e-9 ? '0' : x.toPrecision(8))
