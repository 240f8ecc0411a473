/** The outer half of the parser: lists, relations, set operations, ratios. */
import { apply, type Comparison, canonical, type Node } from './node.ts'
import { readScript, readSum } from './parse-expression.ts'
import { nested, peek, type Reader, skip, take } from './reader.ts'
import { tokenize, UnreadableAnswer } from './tokens.ts'

const COMPARISONS = new Set<string>(['=', '≈', '≠', '<', '≤', '>', '≥', '∈'])

/** Reads a whole cleaned answer; throws UnreadableAnswer where it is not mathematics. */
export function parseAnswer(text: string): Node {
  const tokens = tokenize(text)
  const reader: Reader = {
    tokens,
    at: 0,
    depth: 0,
    bars: 0,
    squares: 0,
    sets: 0,
    integrals: 0,
    list: readList,
  }
  const node = readList(reader)
  if (peek(reader).type !== 'end') throw new UnreadableAnswer(`unexpected ${peek(reader).text}`)
  return node
}

/** `a, b and c`; with semicolons, `a, b; c, d` is a list of tuples. */
function readList(reader: Reader): Node {
  return nested(reader, () => {
    const groups: Node[][] = [[readClause(reader)]]
    let joiner: 'comma' | 'and' | 'or' = 'comma'
    for (;;) {
      const separator = takeSeparator(reader)
      if (!separator) break
      const { type, text } = peek(reader)
      if (type === 'end' || (type === 'op' && /^(?:\\?[})\]]|\|)$/.test(text)) || type === 'environment')
        break
      if (separator === 'and' || separator === 'or') joiner = separator
      if (separator === ';') groups.push([readClause(reader)])
      else groups.at(-1)!.push(readClause(reader))
    }
    const isGrouped = groups.length > 1 && groups.some((group) => group.length > 1)
    const items = isGrouped ? groups.map(tuple) : groups.flat()
    return items.length === 1 ? items[0]! : { kind: 'list', items, joiner }
  })
}

const tuple = (items: Node[]): Node =>
  items.length === 1 ? items[0]! : { kind: 'bracket', open: '(', close: ')', items }

function takeSeparator(reader: Reader): ',' | ';' | 'and' | 'or' | null {
  let found: ',' | ';' | 'and' | 'or' | null = null
  for (;;) {
    const token = peek(reader)
    if (token.type === 'joiner') found = token.text === 'or' ? 'or' : 'and'
    else if (token.type === 'op' && (token.text === ',' || token.text === ';')) found ??= token.text
    else return found
    take(reader)
  }
}

function readClause(reader: Reader): Node {
  while (skip(reader, '=') || skip(reader, '≈') || skip(reader, '⇒') || skip(reader, '→')) {
    // A leading sign of equality or an arrow says nothing.
  }
  let sides: Node[] = [readRatio(reader)]
  let comparisons: Comparison[] = []
  for (;;) {
    const token = peek(reader)
    if (token.type !== 'op') break
    if (token.text === '⇒' || token.text === '⇔') {
      // `2x = 4 \Rightarrow x = 2` answers with its conclusion.
      take(reader)
      sides = [readRatio(reader)]
      comparisons = []
    } else if (COMPARISONS.has(token.text)) {
      take(reader)
      // In aligned displays the sign comes before or after the mark of the column.
      skip(reader, '&')
      comparisons.push(token.text as Comparison)
      sides.push(readRatio(reader))
    } else break
  }
  sides.push(readModulus(reader, sides.pop()!))
  if (comparisons.length === 0) return namedPoint(sides[0]!)
  return { kind: 'relation', sides, comparisons }
}

/** `A(1, 2)` is the point A = (1, 2). */
function namedPoint(node: Node): Node {
  const [name, point] = node.kind === 'apply' && node.op === 'multiply' ? node.args : []
  const isNamed = name?.kind === 'symbol' && /^[A-Z]'*$/.test(name.name)
  if (isNamed && point?.kind === 'bracket' && point.open === '(' && point.items.length > 1)
    return { kind: 'relation', sides: [name, point], comparisons: ['='] }
  return node
}

/** `3 \pmod 5` is 3 with its modulus beside it, alone as in a congruence. */
function readModulus(reader: Reader, value: Node): Node {
  const { type, text } = peek(reader)
  if (type !== 'command' || text !== 'pmod') return value
  take(reader)
  return { kind: 'quantity', value, unit: `mod ${canonical(readScript(reader))}` }
}

function readRatio(reader: Reader): Node {
  const starts = [reader.at]
  const terms = [readSet(reader)]
  while (reader.sets === 0 && skip(reader, ':')) {
    starts.push(reader.at)
    terms.push(readSet(reader))
  }
  const last = terms.at(-1)!
  if (terms.length === 1 || (terms[0]!.kind === 'text' && terms.length === 2)) return last
  const words = starts.map((start) => reader.tokens[start]!.text)
  const ratioOf = (last: Node): Node =>
    // A clock writes `10:05`, a ratio does not.
    words.slice(1).some((word) => /^0\d/.test(word))
      ? { kind: 'text', value: words.join(':') }
      : apply('ratio', ...terms.slice(0, -1), last)
  // A unit after the last term is one of the whole: `5:30 p.m.`.
  return last.kind === 'quantity' ? { ...last, value: ratioOf(last.value) } : ratioOf(last)
}

const SET_OPERATIONS: Record<string, string> = { '∪': 'union', '∩': 'intersection', '∖': 'difference' }

function readSet(reader: Reader): Node {
  let set = readSum(reader)
  for (;;) {
    const token = peek(reader)
    const op =
      token.type === 'op' && Object.hasOwn(SET_OPERATIONS, token.text)
        ? SET_OPERATIONS[token.text]
        : undefined
    if (!op) return set
    take(reader)
    set = apply(op, set, readSum(reader))
  }
}
