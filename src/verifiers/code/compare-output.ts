/**
 * When an output or a value counts as the expected one.
 *
 * Text is compared as LiveCodeBench does: line by line, white space at the ends of the whole and of lines ignored,
 * lines that differ compared token by token as exact decimal numbers. Beyond that, where the expected number is
 * not whole the answer may be off by the tolerance, as contest checkers allow. An expected number written with leading
 * zeros (0011, 05) is text: there the zeros are part of the answer.
 */
import { type JsonValue, parseJson, writeJson } from './json-value.ts'

export interface Difference {
  expected: string
  got: string
}

/** Null where the texts agree, else the first pair of lines that do not. */
export function compareText(got: string, expected: string, tolerance: number): Difference | null {
  const gotLines = trimmedLines(got)
  const expectedLines = trimmedLines(expected)
  const length = Math.max(gotLines.length, expectedLines.length)
  for (let i = 0; i < length; i++) {
    const [g, e] = [gotLines[i], expectedLines[i]]
    if (g === undefined || e === undefined || !sameLine(g, e, tolerance))
      return { expected: e ?? 'end of output', got: g ?? 'end of output' }
  }
  return null
}

const trimmedLines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())

function sameLine(got: string, expected: string, tolerance: number): boolean {
  if (got === expected) return true
  const gotTokens = got.split(/\s+/)
  const expectedTokens = expected.split(/\s+/)
  if (gotTokens.length !== expectedTokens.length) return false
  return expectedTokens.every((token, i) => sameToken(gotTokens[i]!, token, tolerance))
}

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/
const PADDED = /^[+-]?0\d/
/** Longer numbers are equal only digit by digit: what a program prints must not cost much to read. */
const MOST_DIGITS = 400

function sameToken(got: string, expected: string, tolerance: number): boolean {
  if (got === expected) return true
  if (got.length > MOST_DIGITS || expected.length > MOST_DIGITS) return false
  if (!DECIMAL.test(got) || !DECIMAL.test(expected) || PADDED.test(expected)) return false
  if (canonical(got) === canonical(expected)) return true
  return !isWhole(expected) && close(Number(got), Number(expected), tolerance)
}

/** Digits and exponent without leading and trailing zeros: equal exactly where the numbers are. */
function canonical(token: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(token) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  return `${sign === '-' ? '-' : ''}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`
}

const isWhole = (token: string): boolean => /^[+-]?\d+$/.test(token)

const close = (got: number, expected: number, tolerance: number): boolean =>
  Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected))

/**
 * A result as JSON text in the codec's form (python-sources.ts) against plain JSON: a tuple is a list, keys are
 * text. The text comes from the program's own interpreter and may be anything.
 */
export function compareValue(
  got: string | undefined,
  expected: JsonValue,
  tolerance: number,
): Difference | null {
  let shown = 'nothing'
  try {
    const value = parseJson(got ?? '')
    if (sameValue(value, expected, tolerance)) return null
    shown = showValue(value)
  } catch {
    // No JSON, or nested too deep to be an answer.
  }
  return { expected: writeJson(expected), got: shown }
}

function sameValue(got: JsonValue, expected: JsonValue, tolerance: number): boolean {
  const value = untagged(got)
  if (Array.isArray(expected))
    return (
      Array.isArray(value) &&
      value.length === expected.length &&
      expected.every((item, i) => sameValue(value[i]!, item, tolerance))
    )
  if (value instanceof Map) {
    if (typeof expected !== 'object' || expected === null) return false
    const keys = Object.keys(expected)
    return (
      keys.length === value.size &&
      keys.every((key) => value.has(key) && sameValue(value.get(key)!, expected[key]!, tolerance))
    )
  }
  if (isNumeric(value) && isNumeric(expected)) {
    // biome-ignore lint/suspicious/noDoubleEquals: 2n == 2, and True == 1 in the data sets' Python
    if (value == expected) return true
    return (
      typeof expected === 'number' && !Number.isInteger(expected) && close(Number(value), expected, tolerance)
    )
  }
  return value === expected
}

const isNumeric = (value: unknown): value is number | bigint | boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'

/** Lists and scalars; a dictionary as a Map by its keys' text; undefined for what JSON has no word for. */
function untagged(
  value: JsonValue,
): null | boolean | number | bigint | string | JsonValue[] | Map<string, JsonValue> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (Array.isArray(value.t)) return value.t
  if (Array.isArray(value.d))
    return new Map(value.d.map((pair) => pair as [JsonValue, JsonValue]).map(([k, v]) => [String(k), v]))
  if (typeof value.i === 'string') return hexInteger(value.i)
  if (typeof value.f === 'string') return Number(value.f.replace('inf', 'Infinity'))
  return undefined
}

const hexInteger = (text: string): bigint => (text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text))

/** A result as a person would write it, for the reason. */
function showValue(value: JsonValue): string {
  const plain = untagged(value)
  if (plain === undefined) return 'an object'
  if (Array.isArray(plain)) return `[${plain.map(showValue).join(', ')}]`
  if (plain instanceof Map) return `{${[...plain].map(([k, v]) => `${k}: ${showValue(v)}`).join(', ')}}`
  if (typeof plain === 'bigint') return showInteger(plain)
  return typeof plain === 'string' ? JSON.stringify(plain) : String(plain)
}

/** Writing a long one in decimal costs more than its digits are worth. */
function showInteger(value: bigint): string {
  const numDigits = Math.ceil(value.toString(16).length * Math.log10(16))
  return numDigits > MOST_DIGITS ? `a whole number of about ${numDigits} digits` : String(value)
}
