/** Methods of Python's str, dict and list that templates call. What changes a list or dict is refused, as in Jinja2's sandbox. */
import {
  type Callable,
  characters,
  equals,
  fromJson,
  isNumber,
  PYTHON_SPACE,
  repr,
  str,
  Tuple,
  typeName,
  type Value,
} from './python.ts'
import { nodes, type Spend } from './work.ts'

/** The method of this name, bound to the value; undefined where there is none. */
export function methodOf(value: Value, name: string, spend: Spend): Callable | undefined {
  if (typeof value === 'string') return own(STRING, name)?.(value, spend)
  if (value instanceof Map) return own(DICT, name)?.(value)
  if (Array.isArray(value)) return own(LIST, name)?.(value, spend)
  return undefined
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** The n-th positional argument, or the one of this name. */
export const argument = (
  args: readonly Value[],
  named: ReadonlyMap<string, Value>,
  at: number,
  name: string,
) => (at < args.length ? args[at] : named.get(name))

export function textOf(value: Value, what: string): string {
  if (typeof value === 'string') return value
  throw new TypeError(`${what} must be str, not ${typeName(value)}`)
}

export function integerOf(value: Value, what: string): number {
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  throw new TypeError(`${what} must be int, not ${typeName(value)}`)
}

/** `str.strip` and its like: `signs` are the characters to take off, white space where none are given. */
export function strip(text: string, signs: Value, sides: 'both' | 'left' | 'right' = 'both'): string {
  const known = signs == null ? undefined : new Set(characters(textOf(signs, 'strip argument')))
  const goes = (sign: string) => (known === undefined ? SPACE.test(sign) : known.has(sign))
  const all = characters(text)
  let [start, end] = [0, all.length]
  if (sides !== 'right') while (start < end && goes(all[start]!)) start++
  if (sides !== 'left') while (end > start && goes(all[end - 1]!)) end--
  return all.slice(start, end).join('')
}
const SPACE = new RegExp(`^[${PYTHON_SPACE}]$`)

/** `str.split` and `str.rsplit`: at most `most` cuts, all where it is negative. */
function split(text: string, separator: Value, most: number, fromRight: boolean): string[] {
  const isSpace = separator == null
  const clean = isSpace ? strip(text, null, most < 0 ? 'both' : fromRight ? 'right' : 'left') : text
  if (isSpace && clean === '') return []
  const cuts = isSpace
    ? Array.from(clean.matchAll(SPACES), ({ index, 0: { length } }) => ({ index, length }))
    : occurrences(clean, textOf(separator, 'separator'))
  const kept = most < 0 ? cuts : fromRight ? cuts.slice(Math.max(0, cuts.length - most)) : cuts.slice(0, most)
  const starts = [0, ...kept.map(({ index, length }) => index + length)]
  return starts.map((start, i) => clean.slice(start, kept[i]?.index))
}
const SPACES = new RegExp(`[${PYTHON_SPACE}]+`, 'g')

function occurrences(text: string, part: string): { index: number; length: number }[] {
  if (part === '') throw new Error('empty separator')
  const found = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length))
    found.push({ index: at, length: part.length })
  return found
}

export function replace(text: string, before: string, after: string, most: number, spend: Spend): string {
  const places = before === '' ? text.length + 1 : text.split(before).length - 1
  spend(text.length + (most < 0 ? places : Math.min(most, places)) * after.length, 'characters')
  const signs = before === '' ? characters(text) : undefined
  if (most < 0 && signs === undefined) return text.split(before).join(after)
  const parts = signs === undefined ? text.split(before) : ['', ...signs, '']
  return parts.map((part, i) => (i === 0 ? part : (most < 0 || i <= most ? after : before) + part)).join('')
}

const titleCase = (text: string) =>
  text.replace(/\p{L}+/gu, (word) => {
    const [first, ...rest] = characters(word)
    return first!.toUpperCase() + rest.join('').toLowerCase()
  })
export const capitalize = (text: string) => {
  const [first = '', ...rest] = characters(text)
  return first.toUpperCase() + rest.join('').toLowerCase()
}

function edge(text: string, args: readonly Value[], test: (text: string, part: string) => boolean): boolean {
  const [parts, start = 0n, end] = args
  const part = slice(text, start, end)
  return (parts instanceof Tuple ? [...parts] : [parts]).some((each) =>
    test(part, textOf(each, 'startswith and endswith: the argument')),
  )
}
const slice = (text: string, start: Value, end: Value) =>
  characters(text)
    .slice(integerOf(start, 'start'), end == null ? undefined : integerOf(end, 'end'))
    .join('')

/** A place in code points. */
const place = (text: string, at: number) => BigInt(at < 0 ? -1 : characters(text.slice(0, at)).length)
const found = (at: bigint | number, what: string) => {
  if (at < 0) throw new Error(`${what} not found`)
  return BigInt(at)
}

function partition(text: string, separator: Value, last: boolean): Value {
  const by = textOf(separator, 'separator')
  if (by === '') throw new Error('empty separator')
  const at = last ? text.lastIndexOf(by) : text.indexOf(by)
  if (at < 0) return last ? Tuple.of('', '', text) : Tuple.of(text, '', '')
  return Tuple.of(text.slice(0, at), by, text.slice(at + by.length))
}

/** `str.format` with fields without a format of their own. */
const format = (text: string, args: readonly Value[], named: ReadonlyMap<string, Value>) => {
  let next = 0
  return text.replace(/\{\{|\}\}|\{(\w*)\}/g, (whole, field?: string) => {
    if (field === undefined) return whole[0]!
    const key = field === '' ? String(next++) : field
    const value = /^\d+$/.test(key) ? args[Number(key)] : named.get(key)
    if (value === undefined) throw new Error(`format: no value for {${field}}`)
    return str(value)
  })
}

/** Where Python ends a line. */
const LINE_END = new RegExp(['\\r\\n', '[\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029]'].join('|'))
const all = (pattern: RegExp) => (text: string) => (): Value => pattern.test(text)

const STRING: Readonly<Record<string, (text: string, spend: Spend) => Callable>> = {
  strip:
    (text) =>
    ([signs]) =>
      strip(text, signs),
  lstrip:
    (text) =>
    ([signs]) =>
      strip(text, signs, 'left'),
  rstrip:
    (text) =>
    ([signs]) =>
      strip(text, signs, 'right'),
  upper: (text) => () => text.toUpperCase(),
  lower: (text) => () => text.toLowerCase(),
  title: (text) => () => titleCase(text),
  capitalize: (text) => () => capitalize(text),
  split: (text) => (args, named) => split(text, argument(args, named, 0, 'sep'), maximum(args, named), false),
  rsplit: (text) => (args, named) => split(text, argument(args, named, 0, 'sep'), maximum(args, named), true),
  splitlines: (text) => () =>
    text.split(LINE_END).filter((line, i, lines) => i < lines.length - 1 || line !== ''),
  partition:
    (text) =>
    ([separator]) =>
      partition(text, separator, false),
  rpartition:
    (text) =>
    ([separator]) =>
      partition(text, separator, true),
  startswith: (text) => (args) => edge(text, args, (part, start) => part.startsWith(start)),
  endswith: (text) => (args) => edge(text, args, (part, end) => part.endsWith(end)),
  replace: (text, spend) => (args, named) =>
    replace(
      text,
      textOf(args[0], 'replace argument 1'),
      textOf(args[1], 'replace argument 2'),
      integerOf(argument(args, named, 2, 'count') ?? -1n, 'count'),
      spend,
    ),
  find:
    (text) =>
    ([part]) =>
      place(text, text.indexOf(textOf(part, 'argument'))),
  rfind:
    (text) =>
    ([part]) =>
      place(text, text.lastIndexOf(textOf(part, 'argument'))),
  index:
    (text) =>
    ([part]) =>
      found(place(text, text.indexOf(textOf(part, 'argument'))), 'substring'),
  count:
    (text) =>
    ([part]) =>
      BigInt(text.split(textOf(part, 'argument')).length - 1),
  join:
    (text, spend) =>
    ([parts]) =>
      join(parts, text, spend),
  format: (text) => (args, named) => format(text, args, named),
  removeprefix:
    (text) =>
    ([part]) =>
      text.startsWith(textOf(part, 'argument')) ? text.slice(String(part).length) : text,
  removesuffix:
    (text) =>
    ([part]) =>
      part !== '' && text.endsWith(textOf(part, 'argument')) ? text.slice(0, -String(part).length) : text,
  isalpha: all(/^\p{L}+$/u),
  isalnum: all(/^[\p{L}\p{N}]+$/u),
  isdigit: all(/^\p{Nd}+$/u),
  isspace: all(new RegExp(`^[${PYTHON_SPACE}]+$`)),
  isupper: (text) => () => text === text.toUpperCase() && text !== text.toLowerCase(),
  islower: (text) => () => text === text.toLowerCase() && text !== text.toUpperCase(),
}

const maximum = (args: readonly Value[], named: ReadonlyMap<string, Value>) =>
  integerOf(argument(args, named, 1, 'maxsplit') ?? -1n, 'maxsplit')

function join(parts: Value, separator: string, spend: Spend): string {
  if (!Array.isArray(parts)) throw new TypeError(`cannot join ${typeName(parts)}`)
  const texts = parts.map((part, i) => textOf(part, `sequence item ${i}`))
  spend(
    texts.reduce((sum, text) => sum + text.length + separator.length, 0),
    'characters',
  )
  return texts.join(separator)
}

const DICT: Readonly<Record<string, (dict: Map<Value, Value>) => Callable>> = {
  get:
    (dict) =>
    ([key, otherwise = null]) =>
      dict.has(key) ? dict.get(key) : otherwise,
  items: (dict) => () => pairs(dict),
  keys: (dict) => () => [...dict.keys()],
  values: (dict) => () => [...dict.values()],
  copy: (dict) => () => new Map(dict),
}

export const pairs = (dict: ReadonlyMap<Value, Value>): Value[] => [...dict].map((pair) => Tuple.of(...pair))

const LIST: Readonly<Record<string, (list: Value[], spend: Spend) => Callable>> = {
  index:
    (list, spend) =>
    ([item]) => {
      nodes(list, spend)
      const at = list.findIndex((each) => equals(each, item))
      return found(at, 'the item')
    },
  count:
    (list, spend) =>
    ([item]) => {
      nodes(list, spend)
      return BigInt(list.filter((each) => equals(each, item)).length)
    },
  copy: (list) => () => [...list],
}

/** What `str % values` writes: %s, %d, %r, %f with digits. */
export function percentFormat(text: string, given: Value): string {
  const values = given instanceof Tuple ? [...given] : [given]
  return text.replace(/%(?:\.(\d{1,2}))?([sdrf%])/g, (_, digits: string | undefined, kind: string) => {
    if (kind === '%') return '%'
    if (values.length === 0) throw new TypeError('not enough arguments for format string')
    const value = values.shift()
    if (kind === 's') return str(value)
    if (kind === 'r') return repr(value)
    if (!isNumber(value)) throw new TypeError(`%${kind} needs a number, not ${typeName(value)}`)
    return kind === 'd' ? String(Math.trunc(Number(value))) : Number(value).toFixed(Number(digits ?? 6))
  })
}

/** `dict(…)`. */
export const dict: Callable = ([source], named) => {
  const start = source instanceof Map ? [...source] : ((source ?? fromJson([])) as [Value, Value][])
  return new Map<Value, Value>([...start, ...named])
}
