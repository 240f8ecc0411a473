/** Brackets of every kind, absolute values, and matrices. */
import { apply, type Close, integer, type Node, type Open, symbol } from './node.ts'
import { expect, isOp, peek, type Reader, skip, take } from './reader.ts'
import { UnreadableAnswer } from './tokens.ts'

export function readBracket(reader: Reader, open: string, readSum: (reader: Reader) => Node): Node {
  switch (open) {
    case '(':
    case '[':
    case ']':
      return readRound(reader, open)
    case '{':
      return readGroup(reader)
    case '\\{':
      return readSet(reader)
    case '⟨': {
      const items = itemsOf(reader.list(reader))
      expect(reader, '⟩')
      if (items.length === 1) return items[0]!
      return { kind: 'bracket', open: '(', close: ')', items }
    }
    case '|':
    case '‖': {
      reader.bars++
      const inner = readSum(reader)
      reader.bars--
      expect(reader, open)
      return inner.kind === 'bracket' && inner.items.length > 1 ? length(inner.items) : apply('abs', inner)
    }
    case '⌊':
    case '⌈': {
      const inner = readSum(reader)
      expect(reader, open === '⌊' ? '⌋' : '⌉')
      return apply(open === '⌊' ? 'floor' : 'ceil', inner)
    }
    case '…':
      return symbol('…')
    default:
      throw new UnreadableAnswer(`unexpected ${open}`)
  }
}

/** Of a vector. */
const length = (items: Node[]): Node =>
  apply(
    'sqrt',
    items.map((item) => apply('power', item, integer(2))).reduce((sum, term) => apply('add', sum, term)),
  )

const itemsOf = (node: Node): Node[] => (node.kind === 'list' ? node.items : [node])

/** `(a)` groups; `(a, b)` is a tuple or an interval; `]a, b[` is the open interval of French textbooks. */
function readRound(reader: Reader, open: '(' | '[' | ']'): Node {
  const saved = { bars: reader.bars, sets: reader.sets, squares: reader.squares }
  reader.bars = 0
  reader.sets = 0
  reader.squares = open === '(' ? 0 : 1
  const inner = reader.list(reader)
  Object.assign(reader, saved)
  const items = itemsOf(inner)
  let close: Close
  if (skip(reader, ')')) close = ')'
  else if (skip(reader, ']')) close = ']'
  else if (open !== '(' && items.length === 2 && skip(reader, '[')) close = ')'
  else throw new UnreadableAnswer('unclosed bracket')
  if (items.length === 1 && inner.kind !== 'list') return inner
  return { kind: 'bracket', open: open === ']' ? '(' : open, close, items }
}

/** A brace group is invisible in LaTeX, yet `{1, 2}` in plain text is a set. */
function readGroup(reader: Reader): Node {
  const saved = { bars: reader.bars, sets: reader.sets, squares: reader.squares }
  Object.assign(reader, { bars: 0, sets: 0, squares: 0 })
  if (skip(reader, '}')) {
    Object.assign(reader, saved)
    if (peek(reader).type === 'end') return symbol('∅')
    throw new UnreadableAnswer('empty group')
  }
  const inner = reader.list(reader)
  Object.assign(reader, saved)
  expect(reader, '}')
  return inner.kind === 'list' ? { kind: 'bracket', open: '{', close: '}', items: inner.items } : inner
}

function readSet(reader: Reader): Node {
  if (skip(reader, '\\}')) return symbol('∅')
  const saved = { bars: reader.bars, squares: reader.squares }
  Object.assign(reader, { bars: 0, squares: 0 })
  reader.sets++
  let inner = reader.list(reader)
  const isBuilder = skip(reader, '|') || skip(reader, ':')
  if (isBuilder) inner = reader.list(reader)
  reader.sets--
  Object.assign(reader, saved)
  expect(reader, '\\}')
  return isBuilder ? inner : { kind: 'bracket', open: '{' as Open, close: '}', items: itemsOf(inner) }
}

export function readMatrix(reader: Reader, environment: string): Node {
  const name = environment.replace(/^begin /, '')
  if (
    !environment.startsWith('begin') ||
    !/^(?:[pbvVB]?(?:small)?matrix|array|cases|smallmatrix)\*?$/.test(name)
  ) {
    throw new UnreadableAnswer(`environment ${name}`)
  }
  const rows: Node[][] = [[]]
  for (let cells = 0; cells < 400; cells++) {
    const token = peek(reader)
    if (token.type === 'environment' && token.text === `end ${name}`) {
      take(reader)
      const filled = rows.filter((row) => row.length > 0)
      if (filled.length === 0) throw new UnreadableAnswer('empty matrix')
      if (filled.every((row) => row.length === 1 && row[0]!.kind === 'relation')) {
        return { kind: 'list', items: filled.flat(), joiner: 'and' }
      }
      if (name.startsWith('cases') && filled.every((row) => row.length === 2))
        return apply('piecewise', ...filled.map(([value, condition]) => apply('piece', value!, condition!)))
      return name.startsWith('v') && !name.startsWith('vsmall')
        ? apply('det', { kind: 'matrix', rows: filled })
        : { kind: 'matrix', rows: filled }
    }
    if (skip(reader, '\\\\')) rows.push([])
    else if (!skip(reader, '&') || !isOp(peek(reader), '&')) {
      const ahead = peek(reader)
      if (isOp(ahead, '\\\\') || ahead.type === 'environment') continue
      if (name.startsWith('cases')) skipConditionWord(reader)
      rows.at(-1)!.push(reader.list(reader))
    }
  }
  throw new UnreadableAnswer('matrix too large')
}

/** `\text{if } x > 0` states x > 0. */
function skipConditionWord(reader: Reader): void {
  const { type, text } = peek(reader)
  if (type === 'text' && /^(?:,\s*)?(?:if|for|when|where)$/i.test(text)) take(reader)
}
