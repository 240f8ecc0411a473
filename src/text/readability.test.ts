import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readability } from './readability.ts'

const GOOD = ' <think> try 3 * 7 = 21 need 21 yes so </think> The answer is 7.'

it.each<[string, string, boolean, boolean, boolean]>([
  [GOOD, 'en', true, true, true],
  [' <think> 试 3 * 7 = 21 要 21 对 所以 </think> 答案是 7.', 'zh', true, true, true],
  [GOOD, 'zh', true, false, true],
  [' <think> 试 3 * 7 = 21 要 21 对 所以 </think> The answer is 7.', 'en', true, false, true],
  [' <think> try 3 * 7 = 21 need 21 对 so </think> The answer is 7.', 'en', true, false, true],
  [' <think> so </think> 7', 'en', true, true, false],
  [' <think> so </think> <answer> The answer is 7. </answer>', 'en', true, true, false],
  [' <think> </think> The answer is 7.', 'en', false, true, true],
  [' <think> so </think>', 'en', false, true, false],
  [' <think> so so so', 'en', false, true, false],
  ['The answer is 7.', 'en', false, true, true],
  [' <think> so </think> The answer </think> is 7.', 'en', false, true, true],
  ['', 'en', false, true, false],
])('%j in %s', (text, language, complete, oneLanguage, summary) => {
  const readable = complete && oneLanguage && summary
  expect(readability(text, language)).toEqual({ complete, oneLanguage, summary, readable })
})

it('has a verdict on any text', () => {
  const piece = fc.oneof(
    fc.constantFrom('<think>', '</think>', '<answer>', ' so', '所以'),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const { complete, oneLanguage, summary, readable } = readability(pieces.join(''), 'en')
      expect(readable).toBe(complete && oneLanguage && summary)
    }),
  )
})
