/** Exact fractions over BigInt: the first layer of equivalence. Sizes are capped so that no operation can run away. */
export interface Rational {
  n: bigint
  d: bigint
}

/** Longest numerator or denominator kept exact, in hexadecimal digits: beyond it the numeric layer takes over. */
const MAX_HEX_DIGITS = 5_000

function rational(n: bigint, d = 1n): Rational | null {
  if (d === 0n) return null
  const divisor = greatestCommonDivisor(n, d)
  const sign = d < 0n ? -1n : 1n
  return { n: (sign * n) / divisor, d: (sign * d) / divisor }
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a
  let y = b < 0n ? -b : b
  while (y !== 0n) [x, y] = [y, x % y]
  return x === 0n ? 1n : x
}

/** Reads digits with an optional decimal point and exponent: `12`, `.5`, `1.5e-3`. */
export function fromDecimal(text: string): Rational | null {
  const match = /^(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (!match) return null
  const whole = match[1] ?? ''
  const part = match[2] ?? ''
  if (whole + part === '') return null
  const exponent = Number(match[3] ?? 0) - part.length
  if (Math.abs(exponent) > 4_000) return null
  const digits = BigInt(whole + part)
  return exponent >= 0
    ? rational(digits * 10n ** BigInt(exponent))
    : rational(digits, 10n ** BigInt(-exponent))
}

/** `whole.part(repeat)`: a decimal whose last digits repeat forever. */
export function fromRepeating(whole: string, part: string, repeat: string): Rational | null {
  const scale = 10n ** BigInt(part.length)
  const nines = 10n ** BigInt(repeat.length) - 1n
  return rational(BigInt(`${whole}${part}` || '0') * nines + BigInt(repeat), scale * nines)
}

export const add = (a: Rational, b: Rational): Rational | null => bounded(a.n * b.d + b.n * a.d, a.d * b.d)
export const multiply = (a: Rational, b: Rational): Rational | null => bounded(a.n * b.n, a.d * b.d)
export const divide = (a: Rational, b: Rational): Rational | null => bounded(a.n * b.d, a.d * b.n)
export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d })
export const same = (a: Rational, b: Rational): boolean => a.n === b.n && a.d === b.d
export const isInteger = (a: Rational): boolean => a.d === 1n

export function floor(a: Rational): Rational {
  const quotient = a.n / a.d
  return { n: a.n < 0n && a.n % a.d !== 0n ? quotient - 1n : quotient, d: 1n }
}

/** Integer and exact fractional powers; null where the result is irrational or too large to keep. */
export function power(base: Rational, exponent: Rational): Rational | null {
  if (exponent.d !== 1n) {
    if (exponent.d > 64n) return null
    const root = exactRoot(base, Number(exponent.d))
    return root && power(root, { n: exponent.n, d: 1n })
  }
  const size = exponent.n < 0n ? -exponent.n : exponent.n
  if (size > 100_000n) return null
  if (Number(size) * Math.max(hexDigits(base.n), hexDigits(base.d)) > MAX_HEX_DIGITS * 2) {
    const magnitude = base.n < 0n ? -base.n : base.n
    if (magnitude > 1n || base.d > 1n) return null
  }
  if (base.n === 0n && exponent.n <= 0n) return null
  const n = base.n ** size
  const d = base.d ** size
  return exponent.n < 0n ? bounded(d, n) : bounded(n, d)
}

export function exactRoot(value: Rational, degree: number): Rational | null {
  if (value.n < 0n) return null
  const n = integerRoot(value.n, degree)
  const d = integerRoot(value.d, degree)
  return n === null || d === null ? null : { n, d }
}

export function factorial(n: Rational): Rational | null {
  if (n.d !== 1n || n.n < 0n || n.n > 1_000n) return null
  let product = 1n
  for (let k = 2n; k <= n.n; k++) product *= k
  return bounded(product, 1n)
}

/** `!n`: permutations that leave nothing in its place. */
export function subfactorial(n: Rational): Rational | null {
  if (n.d !== 1n || n.n < 0n || n.n > 1_000n) return null
  let count = 1n
  for (let k = 1n; k <= n.n; k++) count = k * count + (k % 2n === 0n ? 1n : -1n)
  return bounded(count, 1n)
}

export function binomial(n: Rational, k: Rational): Rational | null {
  if (n.d !== 1n || k.d !== 1n || n.n < 0n || n.n > 10_000n) return null
  if (k.n < 0n || k.n > n.n) return { n: 0n, d: 1n }
  // biome-ignore lint/complexity/useMathMinMax: Math.min does not take BigInt
  const steps = k.n < n.n - k.n ? k.n : n.n - k.n
  if (steps > 1_000n) return null
  let product = 1n
  for (let j = 1n; j <= steps; j++) product = (product * (n.n - steps + j)) / j
  return bounded(product, 1n)
}

export function toNumber(a: Rational): number {
  const n = Number(a.n)
  const d = Number(a.d)
  if (Number.isFinite(n) && Number.isFinite(d)) return n / d
  const shift = BigInt(Math.max(0, Math.min(hexDigits(a.n), hexDigits(a.d)) * 4 - 128))
  return Number(a.n >> shift) / Number(a.d >> shift)
}

function bounded(n: bigint, d: bigint): Rational | null {
  return hexDigits(n) > MAX_HEX_DIGITS || hexDigits(d) > MAX_HEX_DIGITS ? null : rational(n, d)
}

function hexDigits(value: bigint): number {
  return value.toString(16).length
}

function integerRoot(value: bigint, degree: number): bigint | null {
  if (value < 2n) return value
  const power = BigInt(degree)
  let low = 1n
  let high = 1n << BigInt(Math.ceil((hexDigits(value) * 4) / degree) + 1)
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** power <= value) low = middle
    else high = middle - 1n
  }
  return low ** power === value ? low : null
}
