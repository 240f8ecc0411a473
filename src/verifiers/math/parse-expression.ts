/** The inner half of the parser: sums, products, powers and what they are made of. The outer half is parse-answer.ts. */
import { apply, integer, type Node, symbol } from './node.ts'
import { readBracket, readMatrix } from './parse-bracket.ts'
import { readCommand, readFunction } from './parse-command.ts'
import { fromDecimal, fromRepeating } from './rational.ts'
import { expect, isOp, nested, peek, type Reader, skip, take } from './reader.ts'
import { UnreadableAnswer } from './tokens.ts'
import { isUnitWord, wholeParts } from './units.ts'
import { numberNamed, scaleNamed } from './words.ts'

const LEADING_WORDS = /^(?:rs|usd|inr|eur|rm|about|approximately|approx|roughly|only|exactly|nearly|around)$/i
/** Letters that name a function when a bracket follows; any other letter before a bracket is a factor. */
const FUNCTION_LETTERS = new Set(['f', 'g', 'h', 'F', 'G', 'H', 'phi', 'psi'])

export function readSum(reader: Reader): Node {
  return nested(reader, () => {
    let sum = readTerm(reader)
    for (;;) {
      if (skip(reader, '+')) sum = apply('add', sum, readTerm(reader))
      else if (skip(reader, '-')) sum = apply('add', sum, negated(readTerm(reader)))
      else if (skip(reader, '±')) sum = apply('add', sum, apply('plusminus', readTerm(reader)))
      else if (skip(reader, '∓')) sum = apply('add', sum, apply('minusplus', readTerm(reader)))
      else return sum
    }
  })
}

function readTerm(reader: Reader): Node {
  let product = readSigned(reader)
  for (;;) {
    if (skip(reader, '*')) product = apply('multiply', product, readSigned(reader))
    else if (skip(reader, '/')) product = apply('divide', product, readSigned(reader))
    else if (skip(reader, 'mod')) product = apply('mod', product, readSigned(reader))
    else if (skip(reader, 'choose')) product = apply('binomial', product, readSigned(reader))
    else if (isTemperature(product, reader))
      product = { kind: 'quantity', value: product.args[0]!, unit: `°${take(reader).text}` }
    else if (peek(reader).type === 'text') {
      const operation = POSTFIX_WORDS.get(peek(reader).text.toLowerCase())
      if (operation && product.kind !== 'text') {
        take(reader)
        product = operation(product)
        continue
      }
      const scale = scaleNamed(peek(reader).text)
      if (scale !== null && product.kind !== 'text') {
        take(reader)
        product = apply('multiply', product, integer(scale))
        continue
      }
      const unit = readUnitWords(reader, product)
      if (unit === null) return product
      // `10% of the total` is 10%.
      if (product.kind === 'quantity' && product.unit === '%') continue
      product = /^(?:degrees?|deg)$/i.test(unit)
        ? apply('degree', product)
        : { kind: 'quantity', value: product, unit }
    } else if (product.kind === 'quantity' && peek(reader).type === 'number')
      product = plusPart(product, readTerm(reader))
    else if (startsFactor(reader)) product = apply('multiply', product, readPower(reader))
    else return product
  }
}

/** `5 squared` is 25, where `5 squared units` is an area. */
const POSTFIX_WORDS: ReadonlyMap<string, (node: Node) => Node> = new Map([
  ['squared', (node: Node) => apply('power', node, integer(2))],
  ['cubed', (node: Node) => apply('power', node, integer(3))],
  ['factorial', (node: Node) => apply('factorial', node)],
])

/** `2 hours 30 minutes` is one quantity; `5 boys 2 girls` is none. */
function plusPart(whole: Node & { kind: 'quantity' }, part: Node): Node {
  const numParts = part.kind === 'quantity' ? wholeParts(whole.unit, part.unit) : null
  if (part.kind !== 'quantity' || numParts === null) throw new UnreadableAnswer('quantities side by side')
  return { ...part, value: apply('add', apply('multiply', whole.value, integer(numParts)), part.value) }
}

const isTemperature = (node: Node, reader: Reader): node is Node & { kind: 'apply' } =>
  node.kind === 'apply' &&
  node.op === 'degree' &&
  /^[CF]$/.test(peek(reader).text) &&
  peek(reader, 1).type !== 'op'

function readSigned(reader: Reader): Node {
  return nested(reader, () => {
    if (skip(reader, '-')) return negated(readSigned(reader))
    if (skip(reader, '+')) return readSigned(reader)
    if (skip(reader, '±')) return apply('plusminus', readSigned(reader))
    if (skip(reader, '∓')) return apply('minusplus', readSigned(reader))
    if (skip(reader, '$')) return inDollars(readTerm(reader))
    return readPower(reader)
  })
}

/** `\$2 \text{ per pound}` is 2 dollar per pound. */
const inDollars = (node: Node): Node =>
  node.kind === 'quantity'
    ? { ...node, unit: `dollar ${node.unit}` }
    : { kind: 'quantity', value: node, unit: 'dollar' }

/** Minus moves inside a unit: -(5 cm) is (-5) cm. */
function negated(node: Node): Node {
  return node.kind === 'quantity' ? { ...node, value: negated(node.value) } : apply('negate', node)
}

function readPower(reader: Reader): Node {
  let base = readPostfix(reader, readPrimary(reader))
  while (skip(reader, '^')) {
    let exponent = readScript(reader)
    if (skip(reader, '^')) exponent = apply('power', exponent, readScript(reader))
    if (exponent.kind === 'symbol' && exponent.name === '∘') base = apply('degree', base)
    else if (exponent.kind === 'symbol' && exponent.name === "'") base = primed(base)
    else if (exponent.kind === 'symbol' && (exponent.name === 'T' || exponent.name === 'c'))
      base = { kind: 'call', name: `^${exponent.name}`, args: [base] }
    else base = apply('power', base, exponent)
    base = readPostfix(reader, base)
  }
  return base
}

function readPostfix(reader: Reader, start: Node): Node {
  let node = start
  for (;;) {
    if (skip(reader, '!')) node = apply(skip(reader, '!') ? 'factorial2' : 'factorial', node)
    else if (skip(reader, '%')) node = { kind: 'quantity', value: node, unit: '%' }
    else if (skip(reader, '$')) node = inDollars(node)
    else if (skip(reader, '°')) node = apply('degree', node)
    else if (isOp(peek(reader), "'") && node.kind !== 'number') {
      reader.at++
      node = primed(node)
    } else return node
  }
}

const primed = (node: Node): Node =>
  node.kind === 'symbol' ? symbol(`${node.name}'`) : { kind: 'call', name: "'", args: [node] }

/** What follows `^` or `_`: a group, or a single mark, number or name. */
export function readScript(reader: Reader): Node {
  const token = peek(reader)
  if (isOp(token, '∘') || isOp(token, "'") || isOp(token, '*') || isOp(token, '+'))
    return symbol(take(reader).text)
  if (isOp(token, '{')) {
    const inner = peek(reader, 1)
    if (inner.type === 'op' && "∘'*+-°".includes(inner.text) && isOp(peek(reader, 2), '}')) {
      reader.at += 3
      return symbol(inner.text === '°' ? '∘' : inner.text)
    }
    reader.at++
    const node = reader.list(reader)
    expect(reader, '}')
    return node
  }
  if (skip(reader, '-')) return negated(readScript(reader))
  if (token.type !== 'number') return readPrimary(reader)
  reader.at++
  return plainNumber(token.text)
}

/** Can the next token be a factor of a product without a sign? */
function startsFactor(reader: Reader): boolean {
  const token = peek(reader)
  if (token.type === 'symbol')
    return !(reader.integrals > 0 && token.text === 'd' && peek(reader, 1).type === 'symbol')
  if (token.type === 'number') return !followsNumber(reader)
  if (token.type === 'function' || token.type === 'command') return token.text !== 'pmod'
  if (token.type === 'environment') return token.text.startsWith('begin')
  if (token.type !== 'op') return false
  if (token.text === '|' || token.text === '‖') return reader.bars === 0 && reader.sets === 0
  if (token.text === '[') return reader.squares === 0
  return (
    token.text === '(' || token.text === '{' || token.text === '⌊' || token.text === '⌈' || token.text === '…'
  )
}

/** `3 4` is no product, while `2^3 3^2` is one. */
const followsNumber = (reader: Reader): boolean =>
  peek(reader, -1).type === 'number' && !isOp(peek(reader, -2), '^')

function readPrimary(reader: Reader): Node {
  return nested(reader, () => {
    const token = take(reader)
    switch (token.type) {
      case 'number':
        return readNumber(reader, token.text)
      case 'symbol':
        return readName(reader, token.text)
      case 'function':
        return readFunction(reader, token.text, PARTS)
      case 'command':
        return readCommand(reader, token.text, PARTS)
      case 'text':
        return readWord(reader, token.text)
      case 'environment':
        return readMatrix(reader, token.text)
      case 'op':
        return readBracket(reader, token.text, readSum)
      default:
        throw new UnreadableAnswer(`unexpected ${token.text || 'end'}`)
    }
  })
}

const PARTS = { readSum, readTerm, readPower, readScript, startsFactor }

function readNumber(reader: Reader, text: string): Node {
  const repeating = readRepeating(reader, text)
  if (repeating) return repeating
  const number = plainNumber(text)
  if (isOp(peek(reader), '_')) {
    reader.at++
    return apply('base', number, readScript(reader))
  }
  if (!/^\d+$/.test(text)) return number
  const fraction = readMixedPart(reader)
  return fraction ? apply('add', number, fraction) : number
}

function plainNumber(text: string): Node {
  const value = fromDecimal(text)
  if (!value) throw new UnreadableAnswer('number too large')
  return { kind: 'number', value, inexact: text.includes('.') && value.d !== 1n, text }
}

/** The fraction of a mixed number: `2\frac13` or `2 1/3`, whole numbers only. */
function readMixedPart(reader: Reader): Node | null {
  const start = reader.at
  const [first, slash, last] = [peek(reader), peek(reader, 1), peek(reader, 2)]
  if (first.type === 'command' && first.text === 'frac') {
    const fraction = readPrimary(reader)
    const whole =
      fraction.kind === 'apply' &&
      fraction.args.every((part) => part.kind === 'number' && part.value.d === 1n)
    if (whole && !isOp(peek(reader), '^')) return fraction
    reader.at = start
  } else if (first.type === 'number' && first.space && isOp(slash, '/') && last.type === 'number') {
    if (/^\d+$/.test(first.text) && /^\d+$/.test(last.text)) {
      reader.at += 3
      return apply('divide', integer(BigInt(first.text)), integer(BigInt(last.text)))
    }
  }
  return null
}

/** `0.1\overline{6}`, `0.(3)`, `0.\dot{3}`, `0.333...`: exact values. */
function readRepeating(reader: Reader, text: string): Node | null {
  if (!/^\d*\.?\d*$/.test(text)) return null
  const dotted = isOp(peek(reader), '.')
  const mark = peek(reader, dotted ? 1 : 0)
  const [whole = '', part = ''] = text.split('.')
  const isBar = mark.type === 'command' && (mark.text === 'overline' || mark.text === 'dot')
  if ((isBar && (dotted || text.includes('.'))) || (dotted && isOp(mark, '('))) {
    const digits = peek(reader, dotted ? 3 : 2)
    const offset = isBar ? 0 : -1
    const digitToken = isBar ? digits : peek(reader, 2)
    if (digitToken.type !== 'number' || !/^\d{1,200}$/.test(digitToken.text)) return null
    reader.at += (dotted ? 1 : 0) + 4 + offset
    return exact(fromRepeating(whole, part, digitToken.text))
  }
  const tail = /(\d{1,6})\1+$/.exec(part)
  if (isOp(peek(reader), '…') && tail) {
    reader.at++
    return exact(fromRepeating(whole, part.slice(0, tail.index), tail[1]!))
  }
  return null
}

function exact(value: ReturnType<typeof fromDecimal>): Node {
  if (!value) throw new UnreadableAnswer('number too large')
  return { kind: 'number', value, inexact: false, text: '' }
}

/** An angle may be read from either side, a triangle from any corner. */
function inOneOrder(mark: string, points: string): string {
  const letters = [...points]
  if (mark === 'triangle') return letters.sort().join('')
  return letters[0]! > letters.at(-1)! ? letters.reverse().join('') : points
}

function readName(reader: Reader, letter: string): Node {
  const next = peek(reader)
  if ((letter === 'angle' || letter === 'triangle') && /^[A-Z]{3}$/.test(next.text))
    reader.tokens[reader.at] = { ...next, text: inOneOrder(letter, next.text) }
  let name = letter
  while (isOp(peek(reader), "'")) {
    reader.at++
    name += "'"
  }
  let node: Node = symbol(name)
  if (skip(reader, '_')) {
    const index = readScript(reader)
    const choice = readChoice(reader, name, index)
    if (choice) return choice
    node = { kind: 'call', name: `${name}_`, args: [index] }
  }
  if (
    isOp(peek(reader), '(') &&
    (FUNCTION_LETTERS.has(name) || name.includes("'") || definesFunction(reader))
  ) {
    reader.at++
    const argument = reader.list(reader)
    expect(reader, ')')
    const label =
      node.kind === 'call'
        ? `${node.name}${JSON.stringify(node.args, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`
        : name
    return { kind: 'call', name: label, args: argument.kind === 'list' ? argument.items : [argument] }
  }
  return node
}

/** `C_5^2` counts combinations and `A_5^2` arrangements where both scripts are whole numbers. */
function readChoice(reader: Reader, name: string, index: Node): Node | null {
  const upper = peek(reader, isOp(peek(reader, 1), '{') ? 2 : 1)
  if (
    (name !== 'C' && name !== 'A') ||
    index.kind !== 'number' ||
    !isOp(peek(reader), '^') ||
    upper.type !== 'number'
  )
    return null
  reader.at++
  const chosen = readScript(reader)
  const combinations = apply('binomial', index, chosen)
  return name === 'C' ? combinations : apply('multiply', combinations, apply('factorial', chosen))
}

/** `p(x) = ...` at the start of a relation. */
function definesFunction(reader: Reader): boolean {
  const before = reader.at >= 2 ? reader.tokens[reader.at - 2] : undefined
  if (before && before.type !== 'joiner' && !(before.type === 'op' && /^[,;⇒]$/.test(before.text)))
    return false
  return peek(reader, 1).type === 'symbol' && isOp(peek(reader, 2), ')') && isOp(peek(reader, 3), '=')
}

function readWord(reader: Reader, word: string): Node {
  if (LEADING_WORDS.test(word) && peek(reader).type !== 'end') return readPower(reader)
  const number = numberNamed(word)
  if (number !== null) return integer(number)
  if (word.length === 1 && !/\p{Lo}/u.test(word)) return readName(reader, word)
  if (skip(reader, '_')) return { kind: 'call', name: `${word}_`, args: [readScript(reader)] }
  if (peek(reader).type === 'text') return { kind: 'text', value: `${word} ${takeWords(reader)}` }
  return { kind: 'text', value: word }
}

function takeWords(reader: Reader): string {
  const words: string[] = []
  while (peek(reader).type === 'text') words.push(take(reader).text)
  return words.join(' ')
}

/** The unit after a number: words, `^2`, `/ s`. Null where the words can be no unit. */
function readUnitWords(reader: Reader, value: Node): string | null {
  const first = peek(reader).text
  if (value.kind === 'text' || value.kind === 'bracket' || isVariable(first)) return null
  let unit = ''
  for (;;) {
    const token = peek(reader)
    if (token.type === 'text') unit += ` ${take(reader).text}`
    else if (isOp(token, '^') && unit) {
      reader.at++
      const exponent = readScript(reader)
      if (exponent.kind !== 'number' && !(exponent.kind === 'apply' && exponent.op === 'negate')) return null
      unit += exponent.kind === 'number' ? `^${exponent.text}` : '^-'
    } else if ((isOp(token, '/') || isOp(token, '*')) && peek(reader, 1).type === 'text')
      unit += ` ${take(reader).text} `
    else break
  }
  if (REFUSAL.test(unit) || saysOther(unit, value)) throw new UnreadableAnswer('a refusal and no unit')
  return /^\s*(?:percent|pct|per cent)\b/i.test(unit) ? '%' : unit.trim()
}

/** `12 \text{ (13 ways)}` corrects itself. */
function saysOther(unit: string, value: Node): boolean {
  const said = /\(\s*(\d+(?:\.\d+)?|[a-z]+(?:-[a-z]+)?)\b/i.exec(unit)?.[1]
  const number = said === undefined ? null : /\d/.test(said) ? Number(said) : numberNamed(said)
  return number !== null && (value.kind !== 'number' || number !== Number(value.text))
}

const isVariable = (word: string): boolean => /^[a-zA-Z]$/.test(word) && !isUnitWord(word)
/** Fractions, doubts, further candidates and conditions: `17 hundredths`, `17 or more`, `17 maybe` are not 17. */
const REFUSAL = new RegExp(
  [
    String.raw`\b(?:not|never|wrong|incorrect|false|but|is (?:too|an?|impossible)|would|bound|likely|unsure|uncertain|ish|inverted|reversed|negated|(?:divided|multiplied) by|lakh|crore|fail(?:s|ed)?|nor|except|unless|if|maybe|perhaps|possibly|probably|etc|others?|another|else|any|anything|some|something|so|guess|example|plus|minus|times|over|to|through|until|doubled|tripled|halved|reciprocal|inverse|root|div|gcd|lcm|or)\b`,
    String.raw`\b(?:half|halves|thirds|quarters|fourths|fifths|sixths|sevenths|eighths|ninths|tenths|hundredths|thousandths|millionths)\b`,
    String.raw`\band (?:a|an|above|below|up|down|more|less|over|under|beyond|counting|then|possibly|maybe|one|two|three|four|five|six|seven|eight|nine|ten|\d)\b|\band$`,
    String.raw`\bpoint (?:zero|one|two|three|four|five|six|seven|eight|nine|\d)|\bat (?:least|most)\b|n['’]t\b|[?？…]|\.\.`,
  ].join('|'),
  'i',
)
