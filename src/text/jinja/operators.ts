/** Subscripts and operators on Python's values. What may grow a value is paid for first. */
import { contains } from './filters.ts'
import { integerOf, percentFormat } from './methods.ts'
import { compare, equals, isNumber, isTrue, items, numeric, Tuple, typeName, type Value } from './python.ts'
import type { Spend } from './work.ts'

export function element(value: Value, key: Value): Value {
  if (value instanceof Map) return value.get(numeric(key) === key ? key : numeric(key))
  if (typeof key === 'bigint' && (Array.isArray(value) || typeof value === 'string'))
    return items(value).at(Number(key))
  return undefined
}

export function slice(value: Value, start: Value, stop: Value, by: Value): Value {
  if (!Array.isArray(value) && typeof value !== 'string')
    throw new TypeError(`${typeName(value)} has no slices`)
  const list = items(value)
  const step = by == null ? 1 : integerOf(by, 'a slice')
  if (step === 0) throw new Error('slice step cannot be zero')
  const [low, high] = step > 0 ? [0, list.length] : [-1, list.length - 1]
  const bound = (at: Value, otherwise: number) => {
    if (at == null) return otherwise
    const index = integerOf(at, 'a slice')
    return Math.min(high, Math.max(low, index < 0 ? index + list.length : index))
  }
  const picked: Value[] = []
  const [from, to] =
    step > 0 ? [bound(start, 0), bound(stop, list.length)] : [bound(start, high), bound(stop, -1)]
  for (let i = from; step > 0 ? i < to : i > to; i += step) picked.push(list[i])
  if (typeof value === 'string') return picked.join('')
  return value instanceof Tuple ? Tuple.from(picked) : picked
}

export function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !isTrue(value)
  const number = numeric(value)
  if (!isNumber(number)) throw new TypeError(`bad operand for ${operator}: ${typeName(value)}`)
  return operator === '-' ? -number : number
}

export function compared(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return equals(a, b)
    case '!=':
      return !equals(a, b)
    case 'in':
      return contains(b, a)
    case 'not in':
      return !contains(b, a)
    case '<':
      return compare(a, b) < 0
    case '>':
      return compare(a, b) > 0
    case '<=':
      return compare(a, b) <= 0
    default:
      return compare(a, b) >= 0
  }
}

export function arithmetic(operator: string, a: Value, b: Value, spend: Spend): Value {
  if (operator === '%' && typeof a === 'string') return percentFormat(a, b)
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b
    if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) return a.concat(b)
  }
  const [x, y] = [numeric(a), numeric(b)]
  if (operator === '*' && typeof x === 'bigint' && !isNumber(y)) return repeated(y, Number(x), spend)
  if (operator === '*' && typeof y === 'bigint' && !isNumber(x)) return repeated(x, Number(y), spend)
  if (!isNumber(x) || !isNumber(y))
    throw new TypeError(`${operator} does not take ${typeName(a)} and ${typeName(b)}`)
  if (y === 0n || y === 0) if ('/%//'.includes(operator)) throw new Error('division by zero')
  if (typeof x === 'bigint' && typeof y === 'bigint' && operator !== '/')
    return integers(operator, x, y, spend)
  return floats(operator, Number(x), Number(y))
}

function repeated(value: Value, times: number, spend: Spend): Value {
  const count = Math.max(0, times)
  if (typeof value === 'string') {
    spend(value.length * count, 'characters')
    return value.repeat(count)
  }
  if (!Array.isArray(value)) throw new TypeError(`* does not take ${typeName(value)}`)
  spend(value.length * count)
  return Array.from({ length: count }, () => value).flat()
}

function integers(operator: string, x: bigint, y: bigint, spend: Spend): Value {
  const remainder = (x: bigint, y: bigint) => ((x % y) + y) % y
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      spend(bits(x) * bits(y), 'characters')
      return x * y
    case '//':
      return (x - remainder(x, y)) / y
    case '%':
      return remainder(x, y)
    default:
      if (y < 0n) return Number(x) ** Number(y)
      spend(bits(x) * Number(y), 'characters')
      return x ** y
  }
}
/** About how long an integer is. */
const bits = (x: bigint) => (x > -4294967296n && x < 4294967296n ? 32 : x.toString(16).length * 4)

function floats(operator: string, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      return x / y
    case '//':
      return Math.floor(x / y)
    case '%':
      return x - y * Math.floor(x / y)
    default:
      return x ** y
  }
}
