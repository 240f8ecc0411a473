/**
 * Reads and computes an arithmetic expression exactly: decimal numbers, + - * /, signs, brackets, and their Unicode
 * and LaTeX spellings (× ÷ − \times \div \cdot \frac{a}{b}). Nothing is evaluated as code. Left out on purpose:
 * powers, `//`, implied multiplication (`3(4)`), names.
 */

/** n / d in lowest terms, d > 0. */
export interface Fraction {
  n: bigint
  d: bigint
}

export type Operator = '+' | '-' | '*' | '/'

export interface Arithmetic {
  /** Null where it divides by zero. */
  value: Fraction | null
  /** Each number as it stands, from left to right. */
  numbers: Fraction[]
  /** Each operator that occurs; a sign counts as `+` or `-`. */
  operators: Set<Operator>
}

/** Longer text is no answer to a puzzle; the limit also bounds the depth of brackets and the size of values. */
const MAX_LENGTH = 500

const SPELLINGS: [RegExp, string][] = [
  [/\\left\b|\\right\b|\\displaystyle\b|\\[,;:! ]/g, ' '],
  [/\\times(?![a-z])|\\cdot(?![a-z])|\\ast(?![a-z])|[×·⋅∙∗✕✖]/g, '*'],
  [/(?<=[\d)\]]\s*)[xX](?=\s*[\d([])/g, '*'],
  [/\\div(?![a-z])|[÷∕]/g, '/'],
  [/[−–—﹣]/g, '-'],
  [/\\[dt]frac(?![a-z])/g, '\\frac'],
]
const FULL_WIDTH = /[\uff01-\uff5e]/g
const FULL_WIDTH_OFFSET = 0xfee0

/** The expression, or a phrase that says why it is none. */
export function parseArithmetic(text: string): Arithmetic | string {
  if (text.trim() === '') return 'empty'
  if (text.length > MAX_LENGTH) return `longer than ${MAX_LENGTH} characters`
  const tokens = asciiSpelling(text).match(/\d+\.?\d*|\.\d+|\\frac|\*\*|\/\/|[A-Za-z]+|\S/g) ?? []
  try {
    return read(tokens)
  } catch (error) {
    if (error instanceof Unreadable) return error.message
    throw error
  }
}

/** An integer or a plain decimal such as `-2.50`, or null. */
export function fraction(text: string): Fraction | null {
  const match = /^(-?)(\d*)\.?(\d*)$/.exec(text)
  if (match === null || `${match[2]}${match[3]}` === '') return null
  const value = reduced(BigInt(`${match[2]}${match[3]}`), 10n ** BigInt(match[3]!.length))!
  return match[1] === '-' ? { n: -value.n, d: value.d } : value
}

export function showFraction({ n, d }: Fraction): string {
  return d === 1n ? `${n}` : `${n}/${d}`
}

class Unreadable extends Error {}

/** Recursive descent, one function a level of precedence. Values are null once something is divided by zero. */
function read(tokens: readonly string[]): Arithmetic {
  let at = 0
  const numbers: Fraction[] = []
  const operators = new Set<Operator>()

  const value = sum()
  if (at < tokens.length) fail()
  return { value, numbers, operators }

  function sum(): Fraction | null {
    let left = product()
    for (let operator = take('+', '-'); operator !== undefined; operator = take('+', '-'))
      left = apply(operator, left, product())
    return left
  }

  function product(): Fraction | null {
    let left = signed()
    for (let operator = take('*', '/'); operator !== undefined; operator = take('*', '/'))
      left = apply(operator, left, signed())
    return left
  }

  function signed(): Fraction | null {
    let negative = false
    for (let sign = take('+', '-'); sign !== undefined; sign = take('+', '-'))
      if (sign === '-') negative = !negative
    const unsigned = primary()
    return negative && unsigned !== null ? { n: -unsigned.n, d: unsigned.d } : unsigned
  }

  function primary(): Fraction | null {
    const token = tokens[at]
    if (token === '(') return bracketed('(', ')')
    if (token === '[') return bracketed('[', ']')
    if (token === '\\frac') {
      at++
      operators.add('/')
      const numerator = bracketed('{', '}')
      return apply('/', numerator, bracketed('{', '}'))
    }
    const number = token === undefined ? null : fraction(token)
    if (number === null) fail()
    at++
    numbers.push(number)
    return number
  }

  function bracketed(open: string, close: string): Fraction | null {
    expect(open)
    const inner = sum()
    expect(close)
    return inner
  }

  function take(...candidates: Operator[]): Operator | undefined {
    const operator = candidates.find((candidate) => candidate === tokens[at])
    if (operator === undefined) return undefined
    at++
    operators.add(operator)
    return operator
  }

  function expect(token: string): void {
    if (tokens[at] !== token) fail()
    at++
  }

  function fail(): never {
    const token = tokens[at]
    throw new Unreadable(token === undefined ? 'it breaks off' : `unexpected ${JSON.stringify(token)}`)
  }
}

function asciiSpelling(text: string): string {
  const ascii = text.replace(FULL_WIDTH, (c) => String.fromCharCode(c.charCodeAt(0) - FULL_WIDTH_OFFSET))
  return SPELLINGS.reduce((plain, [pattern, spelling]) => plain.replace(pattern, spelling), ascii)
}

function apply(operator: Operator, a: Fraction | null, b: Fraction | null): Fraction | null {
  if (a === null || b === null) return null
  if (operator === '+') return reduced(a.n * b.d + b.n * a.d, a.d * b.d)
  if (operator === '-') return reduced(a.n * b.d - b.n * a.d, a.d * b.d)
  if (operator === '*') return reduced(a.n * b.n, a.d * b.d)
  return reduced(a.n * b.d, a.d * b.n)
}

function reduced(n: bigint, d: bigint): Fraction | null {
  if (d === 0n) return null
  let [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d]
  while (b !== 0n) [a, b] = [b, a % b]
  return d < 0n ? { n: -n / a, d: -d / a } : { n: n / a, d: d / a }
}
