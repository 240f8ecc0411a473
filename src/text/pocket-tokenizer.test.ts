import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { END_OF_TEXT, pocketTokenizerFiles, pocketVocabulary, splitPocketText } from './pocket-tokenizer.ts'
import { R1_ZERO_TEMPLATE } from './r1-zero-template.ts'
import { tokenizerFromFiles } from './tokenizer.ts'

const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())
const tokensOf = (text: string) => Array.from(tokenizer.encode(text), (id) => tokenizer.tokenOf(id))

const WORLDLY = `${R1_ZERO_TEMPLATE} try 试 = 12${END_OF_TEXT}`

describe('pocket tokenizer', () => {
  it('has a vocabulary of distinct tokens, as small as the world allows, in rows of eight', () => {
    const vocabulary = pocketVocabulary()
    expect(new Set(vocabulary).size).toBe(vocabulary.length)
    expect(vocabulary.length % 8).toBe(0)
    expect(vocabulary.length).toBeLessThanOrEqual(576)
    expect(tokenizer.vocabSize).toBe(vocabulary.length)
    expect(tokenizer.eosToken).toBe(END_OF_TEXT)
    expect(tokensOf(END_OF_TEXT)).toEqual([END_OF_TEXT])
  })

  it('writes every word of the R1-Zero template as one token', () => {
    expect(tokensOf(R1_ZERO_TEMPLATE.replace('prompt', '7'))).toHaveLength(
      splitPocketText(R1_ZERO_TEMPLATE).length,
    )
  })

  it('writes every number of the world as one token', () => {
    for (let number = 0; number <= 200; number++) expect(tokensOf(` ${number}`)).toHaveLength(1)
  })

  // The tokens that `tokenizers` 0.23.3 (transformers 5.23.0) gives for the same files.
  it.each([
    [' <think> try 8 + 3 = 11, 200 no </think>', 'Ġ<think> Ġtry Ġ8 Ġ+ Ġ3 Ġ= Ġ11 , Ġ200 Ġno Ġ</think>'],
    ['(12)</answer>', '( 1 2 ) </answer>'],
    [' 345 <think', 'Ġ 3 4 5 Ġ < t h i n k'],
    ['é\n 试', 'Ã © Ċ Ġè¯ķ'],
    ['User:\u00a0A', 'User : Â ł A'],
  ])('cuts %j like the Hugging Face tokenizer', (text, tokens) => {
    expect(tokensOf(text).join(' ')).toBe(tokens)
  })

  it('gives every text back exactly', () => {
    const worldly = fc
      .array(fc.constantFrom(...splitPocketText(WORLDLY), ' ', '\n', '<', '试x'))
      .map((pieces) => pieces.join(''))
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), worldly)
    fc.assert(
      fc.property(text, (original) => {
        expect(tokenizer.decode(tokenizer.encode(original))).toBe(original)
      }),
      { numRuns: 400 },
    )
  })
})
