/** A position in a list of tokens, with what is open around it: shared by the two halves of the parser. */
import type { Node } from './node.ts'
import { type Token, UnreadableAnswer } from './tokens.ts'

export interface Reader {
  tokens: Token[]
  at: number
  depth: number
  /** Open `|`, `[` and set braces: inside them the same mark closes instead of opening. */
  bars: number
  squares: number
  sets: number
  integrals: number
  /** Reads `a, b and c` up to a closing mark. Given by the outer half, so that the files do not import each other. */
  list: (reader: Reader) => Node
}

const MAX_DEPTH = 60

export const peek = (reader: Reader, ahead = 0): Token =>
  reader.tokens[reader.at + ahead] ?? reader.tokens.at(-1)!
export const isOp = (token: Token, text: string): boolean => token.type === 'op' && token.text === text

export function take(reader: Reader): Token {
  const token = peek(reader)
  if (token.type !== 'end') reader.at++
  return token
}

export function skip(reader: Reader, operator: string): boolean {
  if (!isOp(peek(reader), operator)) return false
  reader.at++
  return true
}

export function expect(reader: Reader, operator: string): void {
  if (!skip(reader, operator)) throw new UnreadableAnswer(`expected ${operator}`)
}

/** Runs one level deeper, so that hostile nesting ends in a refusal and not in a full stack. */
export function nested<T>(reader: Reader, read: () => T): T {
  if (++reader.depth > MAX_DEPTH) throw new UnreadableAnswer('nested too deeply')
  try {
    return read()
  } finally {
    reader.depth--
  }
}
