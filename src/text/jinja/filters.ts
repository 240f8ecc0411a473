/** Jinja's filters and tests. `tojson` is that of transformers, which escapes nothing for HTML. */
import { argument, capitalize, integerOf, methodOf, pairs, replace, strip, textOf } from './methods.ts'
import {
  compare,
  equals,
  isNumber,
  isTrue,
  items,
  json,
  Namespace,
  numeric,
  repr,
  str,
  typeName,
  type Value,
} from './python.ts'
import { nodes, type Spend } from './work.ts'

type Named = Map<string, Value>
type Filter = (value: Value, args: Value[], named: Named, spend: Spend) => Value
type Test = (value: Value, args: Value[]) => boolean

export function applyFilter(name: string, value: Value, args: Value[], named: Named, spend: Spend): Value {
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined
  if (filter === undefined) throw new Error(`there is no filter ${name}`)
  return filter(value, args, named, spend)
}

export function applyTest(name: string, value: Value, args: Value[]): boolean {
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined
  if (test === undefined) throw new Error(`there is no test ${name}`)
  return test(value, args)
}

/** An attribute by dots, as `home.city` or `0.name`; undefined where there is none. */
function attribute(value: Value, path: Value): Value {
  let found = value
  for (const name of typeof path === 'string' ? path.split('.') : [path]) {
    if (found instanceof Map) found = found.get(name)
    else if (found instanceof Namespace) found = found.attributes.get(String(name))
    else if (Array.isArray(found)) found = found[Number(name)]
    else return undefined
  }
  return found
}

/** For sorting and comparing: text without its case, unless that matters. */
const key = (value: Value, caseMatters: Value): Value =>
  typeof value === 'string' && !isTrue(caseMatters) ? value.toLowerCase() : value

function sorted(list: Value[], by: (item: Value) => Value, reverse: Value): Value[] {
  const sign = isTrue(reverse) ? -1 : 1
  return [...list].sort((a, b) => sign * compare(by(a), by(b)))
}

function extreme(value: Value, args: Value[], named: Named, sign: number): Value {
  const by = argument(args, named, 1, 'attribute')
  const sortKey = (item: Value) =>
    key(by === undefined ? item : attribute(item, by), argument(args, named, 0, 'case_sensitive'))
  const list = items(value)
  return list.length === 0
    ? undefined
    : list.reduce((a, b) => (sign * compare(sortKey(b), sortKey(a)) > 0 ? b : a))
}

function integer(value: Value, otherwise: Value): Value {
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : otherwise
  if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value)
  const text = typeof value === 'string' ? strip(value, null) : ''
  if (/^[-+]?\d+$/.test(text)) return BigInt(text.replace('+', ''))
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? BigInt(Math.trunc(Number(text))) : otherwise
}

/** Half to even, as Python rounds. */
function round(value: Value, digits: number, method: Value): number {
  const scale = 10 ** digits
  const scaled = Number(value) * scale
  if (method === 'ceil') return Math.ceil(scaled) / scale
  if (method === 'floor') return Math.floor(scaled) / scale
  const low = Math.floor(scaled)
  const nearest = scaled - low === 0.5 ? low + (low % 2) : Math.round(scaled)
  return digits === 0 ? nearest : Number(Number(value).toFixed(digits))
}

/** The items for which a test holds, of themselves or of an attribute. */
function chosen(value: Value, args: Value[], wanted: boolean, byAttribute: boolean): Value[] {
  const [path, rest] = byAttribute ? [args[0], args.slice(1)] : [undefined, args]
  const [name, ...others] = rest
  // As in Jinja2, of nothing nothing is chosen, none included.
  return items(value ?? undefined).filter((item) => {
    const tested = byAttribute ? attribute(item, path) : item
    return wanted === (name === undefined ? isTrue(tested) : applyTest(str(name), tested, others))
  })
}

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' }
const escapeHtml: Filter = (value) => str(value).replace(/[&<>'"]/g, (sign) => HTML[sign]!)
const length: Filter = (value) => {
  if (value === undefined) return 0n
  if (typeof value !== 'string' && !Array.isArray(value) && !(value instanceof Map))
    throw new TypeError(`${typeName(value)} has no length`)
  return BigInt(value instanceof Map ? value.size : items(value).length)
}
const method =
  (name: string): Filter =>
  (value, args, named, spend) =>
    methodOf(str(value), name, spend)!(args, named)
const orElse: Filter = (value, args, named) => {
  const absent = value === undefined || (isTrue(argument(args, named, 1, 'boolean')) && !isTrue(value))
  return absent ? (argument(args, named, 0, 'default_value') ?? '') : value
}

const FILTERS: Readonly<Record<string, Filter>> = {
  abs: (value) => (typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(Number(value))),
  capitalize: (value) => capitalize(str(value)),
  count: length,
  d: orElse,
  default: orElse,
  dictsort(value, args, named) {
    if (!(value instanceof Map)) throw new TypeError(`dictsort of ${typeName(value)}`)
    const at = argument(args, named, 1, 'by') === 'value' ? 1 : 0
    const caseMatters = argument(args, named, 0, 'case_sensitive')
    return sorted(
      pairs(value),
      (pair) => key((pair as Value[])[at], caseMatters),
      argument(args, named, 2, 'reverse'),
    )
  },
  e: escapeHtml,
  escape: escapeHtml,
  first: (value) => items(value)[0],
  float(value, args, named) {
    const text = typeof value === 'string' ? strip(value, null) : value
    const number = typeof text === 'string' && text === '' ? Number.NaN : Number(text ?? Number.NaN)
    return Number.isNaN(number) ? (argument(args, named, 0, 'default') ?? 0.0) : number
  },
  indent(value, args, named, spend) {
    const width = argument(args, named, 0, 'width') ?? 4n
    const lines = str(value).split('\n')
    const columns = typeof width === 'string' ? width.length : integerOf(width, 'width')
    spend(lines.length * columns, 'characters')
    const before = typeof width === 'string' ? width : ' '.repeat(Math.max(0, columns))
    const first = isTrue(argument(args, named, 1, 'first'))
    const blank = isTrue(argument(args, named, 2, 'blank'))
    return lines
      .map((line, i) => ((i === 0 ? first : line !== '' || blank) ? before + line : line))
      .join('\n')
  },
  int: (value, args, named) => integer(value, argument(args, named, 0, 'default') ?? 0n),
  items: (value) => {
    if (value === undefined) return []
    if (value instanceof Map) return pairs(value)
    throw new TypeError(`${typeName(value)} has no items`)
  },
  join(value, args, named, spend) {
    const by = argument(args, named, 1, 'attribute')
    const separator = str(argument(args, named, 0, 'd') ?? '')
    const texts = items(value).map((item) => str(by === undefined ? item : attribute(item, by)))
    spend(
      texts.reduce((sum, text) => sum + text.length + separator.length, 0),
      'characters',
    )
    return texts.join(separator)
  },
  last: (value) => items(value).at(-1),
  length,
  list: (value) => [...items(value)],
  lower: (value) => str(value).toLowerCase(),
  map(value, args, named, spend) {
    const by = named.get('attribute')
    const list = items(value ?? undefined)
    if (by !== undefined) return list.map((item) => attribute(item, by) ?? named.get('default'))
    const [name, ...rest] = args
    return list.map((item) => applyFilter(str(name), item, rest, named, spend))
  },
  max: (value, args, named) => extreme(value, args, named, 1),
  min: (value, args, named) => extreme(value, args, named, -1),
  reject: (value, args) => chosen(value, args, false, false),
  rejectattr: (value, args) => chosen(value, args, false, true),
  replace: (value, args, named, spend) =>
    replace(
      str(value),
      str(args[0]),
      str(args[1]),
      integerOf(argument(args, named, 2, 'count') ?? -1n, 'count'),
      spend,
    ),
  reverse: (value) =>
    typeof value === 'string' ? items(value).reverse().join('') : [...items(value)].reverse(),
  round: (value, args, named) =>
    round(
      value,
      integerOf(argument(args, named, 0, 'precision') ?? 0n, 'precision'),
      argument(args, named, 1, 'method'),
    ),
  safe: (value) => value,
  select: (value, args) => chosen(value, args, true, false),
  selectattr: (value, args) => chosen(value, args, true, true),
  sort(value, args, named) {
    const by = argument(args, named, 2, 'attribute')
    const paths = typeof by === 'string' ? by.split(',') : [by]
    const caseMatters = argument(args, named, 1, 'case_sensitive')
    return sorted(
      items(value),
      (item) => paths.map((path) => key(path === undefined ? item : attribute(item, path), caseMatters)),
      argument(args, named, 0, 'reverse'),
    )
  },
  string: (value) => str(value),
  sum(value, args, named) {
    const by = argument(args, named, 0, 'attribute')
    return items(value)
      .map((item) => numeric(by === undefined ? item : attribute(item, by)))
      .reduce(
        (sum, item) => {
          if (typeof sum === 'bigint' && typeof item === 'bigint') return sum + item
          if (isNumber(sum) && isNumber(item)) return Number(sum) + Number(item)
          throw new TypeError(`cannot add ${typeName(item)}`)
        },
        numeric(argument(args, named, 1, 'start') ?? 0n),
      )
  },
  title: (value) => str(value).replace(/[^-\s([{<]+/g, (word) => capitalize(word)),
  tojson(value, args, named, spend) {
    const [ascii, indent, separators, sortKeys] = ['ensure_ascii', 'indent', 'separators', 'sort_keys'].map(
      (name, i) => argument(args, named, i, name),
    )
    const columns =
      indent == null ? 0 : typeof indent === 'string' ? indent.length : integerOf(indent, 'indent')
    spend(nodes(value, spend) * columns, 'characters')
    return json(value, {
      ensureAscii: isTrue(ascii),
      indent: indent == null ? undefined : typeof indent === 'string' ? indent : ' '.repeat(columns),
      separators: Array.isArray(separators)
        ? [textOf(separators[0], 'separator'), textOf(separators[1], 'separator')]
        : undefined,
      sortKeys: isTrue(sortKeys),
    })
  },
  trim: (value, args, named) => strip(str(value), argument(args, named, 0, 'chars')),
  unique(value, args, named) {
    const by = argument(args, named, 1, 'attribute')
    const caseMatters = argument(args, named, 0, 'case_sensitive')
    const seen = new Set<string>()
    return items(value).filter((item) => {
      const mark = repr(key(by === undefined ? item : attribute(item, by), caseMatters))
      return !seen.has(mark) && seen.add(mark)
    })
  },
  upper: (value) => str(value).toUpperCase(),
  wordcount: (value, args, named, spend) =>
    length(method('split')(value, [], named, spend), args, named, spend),
}

const ordered =
  (test: (order: number) => boolean): Test =>
  (value, [other]) =>
    test(compare(value, other))
const equal: Test = (value, [other]) => equals(value, other)
const less = ordered((order) => order < 0)
const atMost = ordered((order) => order <= 0)
const more = ordered((order) => order > 0)
const atLeast = ordered((order) => order >= 0)
const remainder = (value: Value, by: Value) =>
  Number(integerOf(value, 'a number')) % Number(integerOf(by, 'a divisor'))

export function contains(container: Value, item: Value): boolean {
  if (container === undefined) return false
  if (typeof container === 'string') return container.includes(textOf(item, 'the left of in'))
  if (container instanceof Map) return container.has(item)
  return items(container).some((each) => equals(each, item))
}

const TESTS: Readonly<Record<string, Test>> = {
  boolean: (value) => typeof value === 'boolean',
  callable: (value) => typeof value === 'function',
  defined: (value) => value !== undefined,
  divisibleby: (value, [by]) => remainder(value, by) === 0,
  eq: equal,
  equalto: equal,
  '==': equal,
  even: (value) => remainder(value, 2n) === 0,
  false: (value) => value === false,
  filter: (value) => Object.hasOwn(FILTERS, str(value)),
  float: (value) => typeof value === 'number',
  ge: atLeast,
  '>=': atLeast,
  greaterthan: more,
  gt: more,
  '>': more,
  in: (value, [container]) => contains(container, value),
  integer: (value) => typeof value === 'bigint',
  iterable: (value) =>
    value === undefined || typeof value === 'string' || Array.isArray(value) || value instanceof Map,
  le: atMost,
  '<=': atMost,
  lessthan: less,
  lower: (value) => str(value) === str(value).toLowerCase() && str(value) !== str(value).toUpperCase(),
  lt: less,
  '<': less,
  mapping: (value) => value instanceof Map,
  ne: (value, [other]) => !equals(value, other),
  '!=': (value, [other]) => !equals(value, other),
  none: (value) => value === null,
  number: (value) => isNumber(numeric(value)),
  odd: (value) => remainder(value, 2n) !== 0,
  sameas: (value, [other]) => value === other,
  sequence: (value) =>
    value === undefined || typeof value === 'string' || Array.isArray(value) || value instanceof Map,
  string: (value) => typeof value === 'string',
  true: (value) => value === true,
  undefined: (value) => value === undefined,
  upper: (value) => str(value) === str(value).toUpperCase() && str(value) !== str(value).toLowerCase(),
}
