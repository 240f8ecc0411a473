/** Commands and named functions: fractions, roots, logarithms, sums, integrals. */
import { apply, integer, type Node, parts, symbol } from './node.ts'
import { expect, isOp, peek, type Reader, skip, take } from './reader.ts'
import { UnreadableAnswer } from './tokens.ts'
import { inRadians } from './units.ts'

/** The readers of parse-expression.ts, passed in so that the two files do not import each other. */
export interface ExpressionReaders {
  readSum: (reader: Reader) => Node
  readTerm: (reader: Reader) => Node
  readPower: (reader: Reader) => Node
  readScript: (reader: Reader) => Node
  startsFactor: (reader: Reader) => boolean
}

export function readCommand(reader: Reader, name: string, read: ExpressionReaders): Node {
  switch (name) {
    case 'frac':
      return fraction(readArgument(reader, read), readArgument(reader, read))
    case 'binom':
      return apply('binomial', readArgument(reader, read), readArgument(reader, read))
    case 'sqrt': {
      if (!skip(reader, '[')) return apply('sqrt', readArgument(reader, read, false))
      const degree = read.readSum(reader)
      expect(reader, ']')
      return apply('root', degree, readArgument(reader, read, false))
    }
    case 'cbrt':
      return apply('root', integer(3), readArgument(reader, read, false))
    case 'sum':
    case 'prod':
      return readSeries(reader, name === 'sum' ? 'sum' : 'product', read)
    case 'int':
      return readIntegral(reader, read)
    case 'overline': {
      const argument = readArgument(reader, read, false)
      return isSegment(argument) ? argument : apply('conjugate', argument)
    }
    case 'dot':
    case 'ddot': {
      const argument = readArgument(reader, read, false)
      return {
        kind: 'call',
        name,
        args: skip(reader, '_') ? [argument, read.readScript(reader)] : [argument],
      }
    }
    case 'overrightarrow': {
      const argument = readArgument(reader, read, false)
      return isSegment(argument) ? { kind: 'call', name: 'vector', args: [...parts(argument)] } : argument
    }
    case 'color':
      skipGroup(reader)
      return read.readPower(reader)
    case 'subfactorial':
      return apply('subfactorial', readArgument(reader, read, false))
    case 'textcolor':
      skipGroup(reader)
      return readArgument(reader, read, false)
    default:
      throw new UnreadableAnswer(`command \\${name}`)
  }
}

/** `\frac{dy}{dx}` is a name. The operator `\frac{d}{dx}` is not read here, and so left to the symbolic layer. */
function fraction(above: Node, below: Node): Node {
  if (!isDifferential(below)) return apply('divide', above, below)
  if (!isDifferential(above)) throw new UnreadableAnswer('a derivative')
  return { kind: 'call', name: 'derivative', args: [above, below] }
}

const isDifferential = (node: Node): boolean =>
  node.kind === 'apply' &&
  node.op === 'multiply' &&
  node.args[0]!.kind === 'symbol' &&
  node.args[0]!.name === 'd' &&
  node.args[1]!.kind === 'symbol'

/** `\overline{AB}` is the segment AB. */
const isSegment = (node: Node): boolean =>
  node.kind === 'apply' &&
  node.op === 'multiply' &&
  node.args.every((part) => part.kind === 'symbol' && /^[A-Z]$/.test(part.name))

/** One argument of a command: a group, or a single mark; `\frac12` takes single digits. */
function readArgument(reader: Reader, read: ExpressionReaders, splitDigits = true): Node {
  const token = peek(reader)
  if (splitDigits && token.type === 'number' && token.text.length > 1) {
    reader.tokens[reader.at] = { ...token, text: token.text.slice(1) }
    if (!/^\d+$/.test(token.text)) throw new UnreadableAnswer('argument of a fraction')
    return integer(Number(token.text[0]))
  }
  if (token.type === 'number') {
    reader.at++
    return numberNode(token.text)
  }
  if (skip(reader, '{')) {
    const saved = {
      bars: reader.bars,
      sets: reader.sets,
      squares: reader.squares,
      integrals: reader.integrals,
    }
    Object.assign(reader, { bars: 0, sets: 0, squares: 0, integrals: 0 })
    const inner = reader.list(reader)
    Object.assign(reader, saved)
    expect(reader, '}')
    return inner
  }
  return read.readScript(reader)
}

function numberNode(text: string): Node {
  const [whole = '', part = ''] = text.split('.')
  if (!/^\d*$/.test(whole + part)) throw new UnreadableAnswer('argument of a command')
  const divisor = 10n ** BigInt(part.length)
  return part === ''
    ? integer(BigInt(whole))
    : { kind: 'number', value: { n: BigInt(whole + part), d: divisor }, inexact: true, text }
}

function skipGroup(reader: Reader): void {
  if (!skip(reader, '{')) {
    take(reader)
    return
  }
  for (let depth = 1; depth > 0; ) {
    const token = take(reader)
    if (token.type === 'end') throw new UnreadableAnswer('unclosed group')
    if (isOp(token, '{')) depth++
    if (isOp(token, '}')) depth--
  }
}

const TRIGONOMETRIC = /^(?:sin|cos|tan|cot|sec|csc)$/
const SEVERAL = new Set(['gcd', 'lcm', 'max', 'min', 'binomial', 'mod'])
const PAIRED = new Set(['binomial', 'mod'])

export function readFunction(reader: Reader, name: string, read: ExpressionReaders): Node {
  let exponent: Node | null = null
  let base: Node | null = null
  if (name === 'sqrt' && skip(reader, '[')) {
    base = read.readSum(reader)
    expect(reader, ']')
  }
  for (;;) {
    if (!exponent && skip(reader, '^')) exponent = read.readScript(reader)
    else if (!base && skip(reader, '_')) base = read.readScript(reader)
    else break
  }
  const args = readArguments(reader, name, read)
  const inverse = exponent?.kind === 'apply' && exponent.op === 'negate' && TRIGONOMETRIC.test(name)
  const value = build(inverse ? `arc${name}` : name, args, base)
  return exponent && !inverse ? apply('power', value, exponent) : value
}

function build(name: string, args: Node[], base: Node | null): Node {
  const argument = args[0]!
  if (PAIRED.has(name) && args.length !== 2) throw new UnreadableAnswer(`arguments of ${name}`)
  // `\max_x f(x)` is a number that f(x) alone does not name.
  if (base && SEVERAL.has(name)) return { kind: 'call', name: `${name}_`, args: [base, ...args] }
  if (SEVERAL.has(name)) return apply(name, ...args)
  if (args.length === 2 && name === 'log') return apply('log', args[1]!, argument)
  if (args.length !== 1) throw new UnreadableAnswer(`arguments of ${name}`)
  if (name === 'log' && base) return apply('log', base, argument)
  if (name === 'sqrt') return base ? apply('root', base, argument) : apply('sqrt', argument)
  if (base) throw new UnreadableAnswer(`subscript of ${name}`)
  if (name === 'lg') return apply('log', integer(10), argument)
  if (name === 'log') return apply('ln', argument)
  if (name === 'cbrt') return apply('root', integer(3), argument)
  if (name === 'exp') return apply('power', symbol('e'), argument)
  return apply(name, TRIGONOMETRIC.test(name) ? inRadians(argument) : argument)
}

function readArguments(reader: Reader, name: string, read: ExpressionReaders): Node[] {
  if (skip(reader, '(')) {
    const saved = { bars: reader.bars, sets: reader.sets, squares: reader.squares }
    Object.assign(reader, { bars: 0, sets: 0, squares: 0 })
    const inner = reader.list(reader)
    Object.assign(reader, saved)
    expect(reader, ')')
    return inner.kind === 'list' ? inner.items : [inner]
  }
  if (isOp(peek(reader), '-')) {
    reader.at++
    return [apply('negate', read.readPower(reader))]
  }
  let argument = read.readPower(reader)
  if (name === 'sqrt' || name === 'cbrt') return [argument]
  while (read.startsFactor(reader) && peek(reader).type !== 'function' && !isOp(peek(reader), '(')) {
    argument = apply('multiply', argument, read.readPower(reader))
  }
  if (mentionsPi(argument) && isOp(peek(reader), '/') && peek(reader, 1).type === 'number') {
    reader.at++
    argument = apply('divide', argument, read.readPower(reader))
  }
  return [argument]
}

const mentionsPi = (node: Node): boolean =>
  (node.kind === 'symbol' && node.name === 'pi') || (node.kind === 'apply' && node.args.some(mentionsPi))

/** `\sum_{k=a}^{b} body`, finite or to infinity. */
function readSeries(reader: Reader, op: string, read: ExpressionReaders): Node {
  expect(reader, '_')
  const below = read.readScript(reader)
  expect(reader, '^')
  const above = read.readScript(reader)
  if (below.kind !== 'relation' || below.comparisons[0] !== '=' || below.sides[0]!.kind !== 'symbol') {
    throw new UnreadableAnswer('sum without a plain index')
  }
  return apply(op, below.sides[0]!, below.sides[1]!, above, read.readTerm(reader))
}

/** `\int_a^b body dx`; an indefinite integral is left to the symbolic layer. */
function readIntegral(reader: Reader, read: ExpressionReaders): Node {
  expect(reader, '_')
  const from = read.readScript(reader)
  expect(reader, '^')
  const to = read.readScript(reader)
  reader.integrals++
  const body = read.readSum(reader)
  reader.integrals--
  if (take(reader).text !== 'd') throw new UnreadableAnswer('integral without dx')
  const variable = take(reader)
  if (variable.type !== 'symbol') throw new UnreadableAnswer('integral without a variable')
  return apply('integral', symbol(variable.text), from, to, body)
}
