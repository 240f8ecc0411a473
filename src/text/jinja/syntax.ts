/**
 * Reads a Jinja template with the parser of @huggingface/jinja. Before it: white space as `trim_blocks` and
 * `lstrip_blocks` cut it, raw blocks, comments and `{% generation %}`, which transformers adds. Between its two halves:
 * tests that take arguments, chains of comparisons. Left out: `with`, recursive loops, tuples of one or no element,
 * includes and inheritance.
 */
import { parse, tokenize } from '@huggingface/jinja'
import { strip } from './methods.ts'
import { PYTHON_SPACE } from './python.ts'

export type Expression =
  | { type: 'StringLiteral'; value: string }
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'ArrayLiteral' | 'TupleLiteral'; value: Expression[] }
  | { type: 'ObjectLiteral'; value: Map<Expression, Expression> }
  | Identifier
  | { type: 'MemberExpression'; object: Expression; property: Expression; computed: boolean }
  | { type: 'SliceExpression'; start?: Expression; stop?: Expression; step?: Expression }
  | Call
  | { type: 'UnaryExpression'; operator: Token; argument: Expression }
  | Binary
  | { type: 'FilterExpression'; operand: Expression; filter: Identifier | Call }
  | { type: 'TestExpression'; operand: Expression; negate: boolean; test: Identifier }
  | { type: 'Ternary'; condition: Expression; trueExpr: Expression; falseExpr: Expression }
  /** `a if b` without an else. */
  | { type: 'SelectExpression'; lhs: Expression; test: Expression }
  | KeywordArgument
  | { type: 'SpreadExpression' | 'KeywordSpreadExpression'; argument: Expression }

interface Identifier {
  type: 'Identifier'
  value: string
}
interface Call {
  type: 'CallExpression'
  callee: Expression
  args: Expression[]
}
export interface Binary {
  type: 'BinaryExpression'
  operator: Token
  left: Expression
  right: Expression
}
interface KeywordArgument {
  type: 'KeywordArgumentExpression'
  key: Identifier
  value: Expression
}
export type Parameter = Identifier | KeywordArgument

export interface For {
  type: 'For'
  loopvar: Expression
  iterable: Expression
  body: Statement[]
  defaultBlock: Statement[]
}
interface Macro {
  type: 'Macro'
  name: Identifier
  args: Parameter[]
  body: Statement[]
}
export interface CallBlock {
  type: 'CallStatement'
  call: Call
  callerArgs: Parameter[] | null
  body: Statement[]
}
/** An expression is a statement that prints its value. */
export type Statement =
  | Expression
  | For
  | Macro
  | CallBlock
  | { type: 'If'; test: Expression; body: Statement[]; alternate: Statement[] }
  | { type: 'Set'; assignee: Expression; value: Expression | null; body: Statement[] }
  | { type: 'FilterStatement'; filter: Identifier | Call; body: Statement[] }
  | { type: 'Break' | 'Continue' | 'Comment' }

interface Token {
  value: string
  type: string
}

/** The template's statements; throws an Error that says what is wrong. */
export function parseTemplate(source: string): Statement[] {
  const tokens = rewritten(tokenize(cutWhiteSpace(source)))
  return (parse(tokens as Parameters<typeof parse>[0]) as unknown as { body: Statement[] }).body
}

const SPACE_AFTER = new RegExp(`[${PYTHON_SPACE}]*`, 'y')
const TAG_NAME = /^\s*(\w+)/
const RAW_END = /\{%[-+]?\s*endraw\s*[-+]?%\}/g

/** The source with its white space cut, in a form that needs no cutting any more. */
function cutWhiteSpace(template: string): string {
  const source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  let out = ''
  let lineStart = true
  for (let at = 0; ; ) {
    const open = nextTag(source, at)
    const text = source.slice(at, open)
    if (open === source.length) {
      out += plainText(text)
      break
    }
    const tag = readTag(source, open)
    out += plainText(textBefore(text, tag, lineStart))
    at = tag.end
    if (tag.name === 'raw') {
      RAW_END.lastIndex = at
      const last = RAW_END.exec(source)
      if (last === null) throw new SyntaxError('{% raw %} is never closed')
      const end = readTag(source, last.index)
      out += literal(textBefore(source.slice(at, last.index), end, false))
      at = end.end
    } else if (tag.kind !== '#' && tag.name !== 'generation' && tag.name !== 'endgeneration')
      out += `{${tag.kind} ${tag.body} ${tag.kind === '{' ? '}' : '%'}}`
    lineStart = source[at - 1] === '\n'
  }
  // One line feed at the end is cut by the tokenizer.
  return out.endsWith('\n') ? `${out}\n` : out
}

/** A brace at the end would become part of the tag that follows. */
const plainText = (text: string) => (text.endsWith('{') || LONG_SPACE.test(text) ? literal(text) : text)
const literal = (text: string) => `{{ ${withoutLongSpace(JSON.stringify(text))} }}`

/** The tokenizer takes a time that grows with the square of a stretch of white space. */
const LONG_SPACE = /\s{100}/
const withoutLongSpace = (quoted: string) =>
  quoted.replace(/\s{100,}/g, (space) =>
    Array.from(space, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  )

function nextTag(source: string, from: number): number {
  for (let at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1))
    if ('{%#'.includes(source[at + 1] ?? ' ')) return at
  return source.length
}

interface Tag {
  kind: string
  /** `-`, `+` or nothing. */
  mark: string
  name: string | undefined
  body: string
  /** Behind the tag and the white space that it takes with it. */
  end: number
}

function readTag(source: string, open: number): Tag {
  const kind = source[open + 1]!
  const mark = '-+'.includes(source[open + 2] ?? ' ') ? source[open + 2]! : ''
  const start = open + 2 + mark.length
  const { body, close } = kind === '#' ? commentBody(source, start) : tagBody(source, start, kind)
  const last = source[close - 1] ?? ''
  const closing = close > start && (last === '-' || (last === '+' && kind !== '{')) ? last : ''
  SPACE_AFTER.lastIndex = close + 2
  SPACE_AFTER.test(source)
  const end =
    closing === '-'
      ? SPACE_AFTER.lastIndex
      : close + 2 + Number(closing === '' && kind !== '{' && source[close + 2] === '\n')
  const inner = closing === '' ? body : body.slice(0, -1)
  return { kind, mark, name: kind === '%' ? TAG_NAME.exec(inner)?.[1] : undefined, body: inner, end }
}

function commentBody(source: string, start: number): { body: string; close: number } {
  const close = source.indexOf('#}', start)
  if (close < 0) throw new SyntaxError('a comment is never closed')
  return { body: '', close }
}

/** To the tag's end, which may stand in strings and inside braces without being one. */
function tagBody(source: string, start: number, kind: string): { body: string; close: number } {
  const closing = kind === '{' ? '}}' : '%}'
  let body = ''
  let depth = 0
  for (let at = start; at < source.length; at++) {
    const sign = source[at]!
    if (depth === 0 && source.startsWith(closing, at)) return { body, close: at }
    if (sign === '"' || sign === "'") {
      let end = at + 1
      while (end < source.length && source[end] !== sign) end += source[end] === '\\' ? 2 : 1
      body += withoutLongSpace(pythonEscapes(source.slice(at, end + 1)))
      at = end
      continue
    }
    if ('([{'.includes(sign)) depth++
    if (')]}'.includes(sign)) depth--
    if (sign.trim() !== '' || body.at(-1) !== ' ') body += sign.trim() === '' ? ' ' : sign
  }
  throw new SyntaxError(`{${kind} is never closed`)
}

/** A backslash before a sign that it does not escape stays, as in Python. */
const pythonEscapes = (literal: string) =>
  literal.replace(/\\([\s\S])/g, (whole, sign: string) =>
    'ntrbfv\'"\\xu'.includes(sign) ? whole : sign === '\n' ? '' : `\\\\${sign}`,
  )

function textBefore(text: string, { kind, mark }: Tag, lineStart: boolean): string {
  if (mark === '-') return strip(text, null, 'right')
  if (mark === '+' || kind === '{') return text
  const line = text.lastIndexOf('\n') + 1
  return (line > 0 || lineStart) && /^\s*$/.test(text.slice(line)) ? text.slice(0, line) : text
}

/** Tests that take an argument, with or without parentheses. */
const TESTS_OF_TWO = /^(divisibleby|eq|equalto|ne|lt|lessthan|le|gt|greaterthan|ge|in|sameas)$/
const COMPARISONS = new Set(['<', '>', '<=', '>=', '==', '!='])
const isComparison = (token: Token | undefined, next: Token | undefined): boolean =>
  token !== undefined &&
  (token.type === 'ComparisonBinaryOperator' ||
    (token.type === 'Identifier' &&
      (token.value === 'in' || (token.value === 'not' && next?.value === 'in'))))

/** The name of a filter that leaves a value as it is: what stands in parentheses begins no chain of comparisons. */
export const GROUP = 'in parentheses'
/** A test with arguments is parsed as a filter of this name. */
const testFilter = (negated: boolean, test: string) => `is ${negated ? 'not ' : ''}${test}`

function rewritten(tokens: readonly Token[]): Token[] {
  const out: Token[] = []
  const word = (value: string): Token => ({ type: 'Identifier', value })
  const pipe: Token = { type: 'Pipe', value: '|' }
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    const [negated, at] = tokens[i + 1]?.value === 'not' ? [true, i + 2] : [false, i + 1]
    const test = tokens[at]
    if (
      token.type === 'Identifier' &&
      token.value === 'is' &&
      test?.type === 'Identifier' &&
      TESTS_OF_TWO.test(test.value)
    ) {
      out.push(pipe, word(testFilter(negated, test.value)))
      i = at
      if (tokens[at + 1]?.type === 'OpenParen') continue
      const end = argumentEnd(tokens, at + 1)
      out.push({ type: 'OpenParen', value: '(' }, ...rewritten(tokens.slice(at + 1, end)), {
        type: 'CloseParen',
        value: ')',
      })
      i = end - 1
      continue
    }
    if (
      token.type === 'NumericLiteral' &&
      tokens[i + 1]?.type === 'Identifier' &&
      /^(e\d|_)/i.test(tokens[i + 1]!.value)
    )
      throw new SyntaxError(
        `${token.value}${tokens[i + 1]!.value}: numbers with an exponent or _ are not read`,
      )
    out.push(token)
    if (token.type === 'CloseParen' && isComparison(tokens[i + 1], tokens[i + 2])) out.push(pipe, word(GROUP))
  }
  return out
}

/** Behind the argument of a test without parentheses: one value with its subscripts and attributes. */
function argumentEnd(tokens: readonly Token[], start: number): number {
  let end = start
  for (let depth = 0; end < tokens.length; end++) {
    const { type } = tokens[end]!
    if (/^Open(Paren|Square|Curly)/.test(type)) depth++
    else if (/^Close(Paren|Square|Curly)/.test(type)) depth--
    if (depth > 0) continue
    const next = tokens[end + 1]?.type
    if (next === 'Dot') end++
    else if (next !== 'OpenSquareBracket' && next !== 'OpenParen') return end + 1
  }
  return end
}

export const isComparisonOperator = (operator: string): boolean =>
  COMPARISONS.has(operator) || operator === 'in' || operator === 'not in'
