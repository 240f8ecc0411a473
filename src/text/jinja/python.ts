/**
 * Python's values, as templates are written for: how they print, compare and become JSON. None is null, an int a
 * bigint, a float a number, a dict a Map; `undefined` is Jinja's Undefined.
 */

export type Value =
  | undefined
  | null
  | boolean
  | bigint
  | number
  | string
  | Value[]
  | Map<Value, Value>
  | Namespace
  | Callable
/** Called with the positional and the keyword arguments. */
export type Callable = (args: Value[], named: Map<string, Value>) => Value

export class Tuple extends Array<Value> {
  /** What maps and slices of a tuple make is a list. */
  static override get [Symbol.species]() {
    return Array
  }
}

/** Attributes that a template may set; no dict. */
export class Namespace {
  readonly attributes: Map<string, Value>

  constructor(attributes: Map<string, Value>) {
    this.attributes = attributes
  }
}

/** What counts as white space in Python, for a character class. */
export const PYTHON_SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'

/** A value that JSON can hold, as Python's parser would have read it. */
export function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'object' && value !== null)
    return new Map(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .map(([key, inner]) => [key, fromJson(inner)]),
    )
  return typeof value === 'string' || typeof value === 'boolean' || value === null ? value : undefined
}

export function typeName(value: Value): string {
  if (value === undefined) return 'Undefined'
  if (value === null) return 'NoneType'
  if (value instanceof Tuple) return 'tuple'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Map) return 'dict'
  if (value instanceof Namespace) return 'Namespace'
  const names = { boolean: 'bool', bigint: 'int', number: 'float', string: 'str' } as Record<string, string>
  return names[typeof value] ?? 'function'
}

export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  return Boolean(value)
}

export const isNumber = (value: Value): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'
/** A bool counts as an int. */
export const numeric = (value: Value): Value => (typeof value === 'boolean' ? BigInt(value) : value)

/** `str(value)`; nothing for what is not defined. */
export function str(value: Value): string {
  if (typeof value === 'string') return value
  return value === undefined ? '' : printed(value, repr)
}

export function repr(value: Value): string {
  if (typeof value !== 'string') return value === undefined ? 'Undefined' : printed(value, repr)
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  const escaped = value.replace(/[\\'"]|(?! )[\p{C}\p{Z}]/gu, (sign) => {
    if (sign === '\\' || sign === quote) return `\\${sign}`
    return SHORT_ESCAPES[sign] ?? (/['"]/.test(sign) ? sign : hexEscape(sign.codePointAt(0)!))
  })
  return quote + escaped + quote
}

const SHORT_ESCAPES: Record<string, string | undefined> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
function hexEscape(code: number): string {
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

function printed(value: Exclude<Value, string | undefined>, inner: (value: Value) => string): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return floatText(value)
  if (value instanceof Tuple) return `(${value.map(inner).join(', ')}${value.length === 1 ? ',' : ''})`
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${inner(key)}: ${inner(item)}`).join(', ')}}`
  return value instanceof Namespace ? '<Namespace>' : '<function>'
}

/** A float as Python's repr writes it. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (value !== 0 && (power < -4 || power >= 16))
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

export function equals(a: Value, b: Value): boolean {
  const [x, y] = [numeric(a), numeric(b)]
  // biome-ignore lint/suspicious/noDoubleEquals: an int equals a float of the same value
  if (isNumber(x) && isNumber(y)) return x == y
  if (Array.isArray(x) && Array.isArray(y))
    return (
      x instanceof Tuple === y instanceof Tuple &&
      x.length === y.length &&
      x.every((item, i) => equals(item, y[i]))
    )
  if (x instanceof Map && y instanceof Map)
    return x.size === y.size && [...x].every(([key, item]) => y.has(key) && equals(item, y.get(key)))
  return x === y
}

/** Negative, zero or positive; throws where Python knows no order. */
export function compare(a: Value, b: Value): number {
  const [x, y] = [numeric(a), numeric(b)]
  if (isNumber(x) && isNumber(y)) return x < y ? -1 : Number(x > y)
  if (typeof x === 'string' && typeof y === 'string') return compareLists(characters(x), characters(y))
  if (Array.isArray(x) && Array.isArray(y)) {
    const at = x.findIndex((item, i) => !equals(item, y[i]))
    return at < 0 || at >= y.length ? x.length - y.length : compare(x[at], y[at])
  }
  throw new TypeError(`${typeName(a)} and ${typeName(b)} have no order`)
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((sign, i) => sign !== b[i])
  return at < 0 || at >= b.length ? a.length - b.length : a[at]!.codePointAt(0)! - b[at]!.codePointAt(0)!
}

/** Python counts code points. */
export const characters = (text: string): string[] =>
  /[\ud800-\udfff]/.test(text) ? Array.from(text) : text.split('')

/** What `for` and `list` go through. */
export function items(value: Value): Value[] {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return [...value.keys()]
  if (typeof value === 'string') return characters(value)
  if (value === undefined) return []
  throw new TypeError(`${typeName(value)} is not iterable`)
}

export interface JsonOptions {
  indent?: string | undefined
  separators?: [string, string] | undefined
  ensureAscii?: boolean
  sortKeys?: boolean
}

/** `json.dumps(value)`. */
export function json(value: Value, options: JsonOptions = {}, depth = 0): string {
  const { indent, ensureAscii = false, sortKeys = false } = options
  const [comma, colon] = options.separators ?? [indent === undefined ? ', ' : ',', ': ']
  const text = (string: string) => (ensureAscii ? asciiOnly(JSON.stringify(string)) : JSON.stringify(string))
  const block = (open: string, parts: string[], close: string) => {
    if (parts.length === 0) return open + close
    if (indent === undefined) return open + parts.join(comma) + close
    const line = `\n${indent.repeat(depth)}`
    return `${open}${line}${indent}${parts.join(`${comma}${line}${indent}`)}${line}${close}`
  }
  if (value === null) return 'null'
  if (typeof value === 'string') return text(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? floatText(value)
      : Number.isNaN(value)
        ? 'NaN'
        : value > 0
          ? 'Infinity'
          : '-Infinity'
  if (Array.isArray(value))
    return block(
      '[',
      value.map((item) => json(item, options, depth + 1)),
      ']',
    )
  if (value instanceof Map) {
    const entries = sortKeys ? [...value].sort(([a], [b]) => compare(a, b)) : [...value]
    return block(
      '{',
      entries.map(([key, item]) => {
        const name = typeof key === 'string' ? key : json(key)
        return `${text(name)}${colon}${json(item, options, depth + 1)}`
      }),
      '}',
    )
  }
  throw new TypeError(`${typeName(value)} cannot be JSON`)
}

/** Escapes as Python does, which leaves DEL as it is. */
const asciiOnly = (text: string) =>
  text.replace(/[\x80-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
