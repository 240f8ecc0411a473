/** Where the tokens of a text end in it: what ties a place in the text to a place in what a model reads. */
import type { Tokenizer } from './tokenizer.ts'

/**
 * Indices of the tokens that complete the first `ends[i]` characters of what the tokens decode to. A token inside a
 * character completes nothing.
 */
export function tokensAt(
  tokenizer: Pick<Tokenizer, 'decoder'>,
  tokens: Int32Array,
  ends: readonly number[],
): number[] {
  const decoder = tokenizer.decoder()
  let characters = 0
  const lengths = Array.from(tokens, (token) => {
    characters += decoder.push(token).length
    return characters
  })
  return ends.map((end) => {
    const at = lengths.findIndex((length) => length >= end)
    return at < 0 ? tokens.length - 1 : at
  })
}
