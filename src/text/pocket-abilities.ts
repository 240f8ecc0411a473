/** What a model of the pocket world can be asked: it has read of nothing else, and who talks to it should know. */
import { POCKET_WORDS, pocketVocabulary } from './pocket-tokenizer.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface Abilities {
  /** One sentence. */
  summary: string
  examples: readonly string[]
}

export const POCKET_ABILITIES: Abilities = {
  summary:
    'It knows puzzles with numbers up to 12, sums up to 99 and small equations, in English and Chinese.',
  examples: [
    'Using the numbers 5, 6, 10, make 1',
    'Compute 39 + 19 - 29',
    'Solve 5 * x - 2 = 48',
    '用数字 2, 7, 9 算出 25',
  ],
}

/** Undefined for a model whose tokenizer is not of the pocket world: what it can do is not known here. */
export function abilitiesOf({
  encode,
  vocabSize,
}: Pick<Tokenizer, 'encode' | 'vocabSize'>): Abilities | undefined {
  return vocabSize === pocketVocabulary().length && POCKET_WORDS.every((word) => encode(word).length === 1)
    ? POCKET_ABILITIES
    : undefined
}
