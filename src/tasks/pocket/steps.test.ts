import { describe, expect, it } from 'vitest'
import { pocketTokenizerFiles } from '../../text/pocket-tokenizer.ts'
import { tokenizerFromFiles } from '../../text/tokenizer.ts'
import { CORPUS_DEFAULTS } from './config.ts'
import { corpusDocument } from './corpus.ts'
import { isRightStep, STEP_ENDS } from './steps.ts'

describe('steps', () => {
  it.each([
    [' <think> try 8 + 3 = 11,', true],
    [' try 8 + 3 = 12,', false],
    [' 11 * 5 = 55 need 60 no', true],
    [' 11 * 5 = 55 need 60 yes', false],
    [' 12 * 5 = 60 need 60 yes', true],
    [' 12 * 5 = 60 need 60 no', false],
    [' 11 * 5 = 55 要 60 不', true],
    [' 11 * 5 = 55 要 60 对', false],
    // Two statements: that of an equation has no comma after it.
    [' 26 - 5 = 21 try 3 * 7 = 21 need 21 yes', true],
    [' 26 - 5 = 22 try 3 * 7 = 21 need 21 yes', false],
    [' so </think> <answer> (8 + 3) * 5 </answer>', true],
  ])('%s', (step, right) => {
    expect(isRightStep(step)).toBe(right)
  })

  it('end with one token each', () => {
    const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())
    for (const end of STEP_ENDS) expect(tokenizer.encode(end)).toHaveLength(1)
  })

  it('of the corpus are nearly all right, as its noise says', () => {
    const after = new RegExp(`(?<=${STEP_ENDS.join('|')})`, 'u')
    const steps = Array.from({ length: 4000 }, (_, i) => corpusDocument(CORPUS_DEFAULTS, 3, i))
      .flatMap(({ about }) => (about ? about.response.split(after) : []))
      .filter((step) => step.includes('='))
    const wrong = steps.filter((step) => !isRightStep(step)).length / steps.length
    const { slip, falseYes } = CORPUS_DEFAULTS.noise
    expect(steps.length).toBeGreaterThan(3000)
    expect(wrong).toBeGreaterThan(slip / 2)
    expect(wrong).toBeLessThan(slip + falseYes)
  })
})
