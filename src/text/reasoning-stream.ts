/**
 * Thinking apart from answer while a response is still coming. The same forms as in `reasoning.ts`, but without its
 * hindsight: the first `</think>` ends the thinking, and once the answer has begun a `<think>` is a word of it. Tags go,
 * and so does white space around both parts.
 */
import { partialMatch } from './stop-strings.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface ReasoningPiece {
  kind: 'thinking' | 'answer'
  text: string
}

export interface ReasoningStream {
  /** What the next text belongs to. */
  readonly kind: ReasoningPiece['kind']
  /** Whether the last text was of the thinking, its tags included. */
  readonly wasThinking: boolean
  /** Whether there has been thinking, be it empty. */
  readonly hasThought: boolean
  push(text: string): ReasoningPiece[]
  /** What was held back and is text after all. */
  end(): ReasoningPiece[]
}

export interface ReasoningStreamOptions {
  /** The prompt has already opened the thinking. */
  opened?: boolean
  /** The answer stands in <answer> tags, which are no part of it. */
  answerTags?: boolean
}

const OPEN = '<think>'
const CLOSE = '</think>'
const ANSWER = ['<answer>', '</answer>']

export function reasoningStream({
  opened = false,
  answerTags = false,
}: ReasoningStreamOptions = {}): ReasoningStream {
  const dropped = answerTags ? ANSWER : []
  let kind: ReasoningPiece['kind'] = opened ? 'thinking' : 'answer'
  let held = ''
  /** Nothing of this part is told yet. */
  let fresh = true
  let wasThinking = false
  let hasThought = opened

  function tags(): readonly string[] {
    if (kind === 'thinking') return [OPEN, CLOSE]
    return fresh ? [OPEN, ...dropped] : dropped
  }

  function tell(text: string, into: ReasoningPiece[]): void {
    const said = fresh ? text.trimStart() : text
    if (said === '') return
    fresh = false
    into.push({ kind, text: said })
  }

  return {
    get kind() {
      return kind
    },
    get wasThinking() {
      return wasThinking
    },
    get hasThought() {
      return hasThought
    },
    push(text) {
      const told: ReasoningPiece[] = []
      wasThinking = kind === 'thinking'
      held += text
      for (;;) {
        const found = tags()
          .map((tag) => ({ tag, at: held.indexOf(tag) }))
          .filter(({ at }) => at >= 0)
          .sort((a, b) => a.at - b.at)[0]
        if (found === undefined) {
          const sure = held.slice(0, held.length - partialMatch(held, tags())).trimEnd()
          tell(sure, told)
          held = held.slice(sure.length)
          wasThinking ||= kind === 'thinking'
          return told
        }
        const before = held.slice(0, found.at)
        const after = held.slice(found.at + found.tag.length)
        const next = found.tag === OPEN ? 'thinking' : 'answer'
        if (next === kind) held = before + after
        else if (kind === 'answer' && before.trim() !== '') {
          tell(before, told)
          held = held.slice(found.at)
        } else {
          tell(before.trimEnd(), told)
          held = after
          fresh = true
          kind = next
          hasThought ||= kind === 'thinking'
        }
      }
    },
    end() {
      const told: ReasoningPiece[] = []
      tell(held.trimEnd(), told)
      held = ''
      return told
    },
  }
}

/** Tokens of the thinking, its tags included, in a response without its stop token. */
export function countThinkingTokens(
  tokenizer: Pick<Tokenizer, 'decoder'>,
  tokens: Int32Array,
  options: ReasoningStreamOptions,
): number {
  const decoder = tokenizer.decoder()
  const reasoning = reasoningStream(options)
  let count = 0
  for (const token of tokens) {
    reasoning.push(decoder.push(token))
    if (reasoning.wasThinking) count++
  }
  return count
}
