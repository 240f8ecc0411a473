import { describe, expect, it } from 'vitest'
import { CORPUS_DEFAULTS } from './config.ts'
import { corpusDocument } from './corpus.ts'
import { pocketSteps } from './steps.ts'

describe('steps', () => {
  it.each([
    [' <think> try 8 + 3 = 11, 11 * 5 = 55 need 60 no, 11 - 5 = 6 need 60 no', [true, true, true]],
    [' try 8 + 3 = 12, 12 * 5 = 60 need 60 yes', [false, true]],
    [' try 8 + 3 = 11, 11 * 5 = 55 need 60 yes', [true, false]],
    [' try 12 * 5 = 60 need 60 no wait', [false]],
    ['试 8 + 3 = 11, 11 * 5 = 55 要 60 不', [true, true]],
    [' </think> <answer> (8 + 3) * 5 </answer>', []],
  ])('%s', (response, right) => {
    expect(pocketSteps(response).map((step) => step.right)).toEqual(right)
  })

  it('end after the verdict, or after the statement', () => {
    const response = ' try 8 + 3 = 11, 11 * 5 = 55 need 60 no so'
    expect(pocketSteps(response).map(({ end }) => response.slice(0, end))).toEqual([
      ' try 8 + 3 = 11',
      ' try 8 + 3 = 11, 11 * 5 = 55 need 60 no',
    ])
  })

  it('of the corpus are nearly all right, as its noise says', () => {
    const steps = Array.from({ length: 4000 }, (_, i) => corpusDocument(CORPUS_DEFAULTS, 3, i)).flatMap(
      ({ about }) => (about ? pocketSteps(about.response) : []),
    )
    const wrong = steps.filter(({ right }) => !right).length / steps.length
    const { slip, falseYes } = CORPUS_DEFAULTS.noise
    expect(steps.length).toBeGreaterThan(3000)
    expect(wrong).toBeGreaterThan(slip / 2)
    expect(wrong).toBeLessThan(slip + falseYes)
  })
})
