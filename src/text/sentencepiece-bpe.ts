/**
 * SentencePiece's BPE, as Llama 1 and 2 have it, in the form of tokenizer.json: a vocabulary with scores, in which the
 * best-scored neighbours are joined first, becomes an ordered list of merges; bytes stand for unknown characters.
 */

export interface ScoredToken {
  text: string
  score: number
  kind: 'normal' | 'unknown' | 'control' | 'added' | 'byte'
}

export interface SentencePieceOptions {
  /** Text begins with a space that is not there, so that a word is the same token anywhere. */
  addSpacePrefix: boolean
}

const SPACE = '▁'

export function sentencePieceTokenizer(
  tokens: readonly ScoredToken[],
  { addSpacePrefix }: SentencePieceOptions,
) {
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: SPACE }
  const back = { type: 'Replace', pattern: { String: SPACE }, content: ' ' }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: tokens.flatMap(({ text, kind }, id) =>
      kind === 'normal' || kind === 'byte' ? [] : [addedToken(id, text, kind !== 'added')],
    ),
    normalizer: addSpacePrefix
      ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: SPACE }, replace] }
      : replace,
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        back,
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(addSpacePrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: tokens.find(({ kind }) => kind === 'unknown')?.text ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: tokens.some(({ kind }) => kind === 'byte'),
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map(({ text }, id) => [text, id])),
      merges: mergesOf(tokens),
    },
  }
}

/** Cutting a token everywhere takes the square of its length; the longest in use have 48 characters. */
const LONGEST_JOINED = 256

/** Every pair of tokens that joins to a token; the pairs of a better-scored token come first. */
function mergesOf(tokens: readonly ScoredToken[]): [string, string][] {
  const ids = new Map<string, number>()
  tokens.forEach(({ text, kind }, id) => {
    if (kind === 'normal' || kind === 'added') ids.set(text, id)
  })
  const joined = [...ids].filter(([text]) => text.length <= LONGEST_JOINED)
  const merged = joined.map(([text, id]) => ({ text, score: tokens[id]!.score }))
  merged.sort((a, b) => b.score - a.score)
  return merged.flatMap(({ text }) => {
    const characters = [...text]
    const pairs: [string, string][] = []
    for (let i = 1; i < characters.length; i++) {
      const pair: [string, string] = [characters.slice(0, i).join(''), characters.slice(i).join('')]
      if (pair.every((part) => ids.has(part))) pairs.push(pair)
    }
    return pairs.sort(([a, c], [b, d]) => ids.get(a)! - ids.get(b)! || ids.get(c)! - ids.get(d)!)
  })
}

export const addedToken = (id: number, content: string, special: boolean) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special,
})
