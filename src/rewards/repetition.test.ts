import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { ConfigError } from '../errors.ts'
import { repeatedShare, repetitionReward } from './repetition.ts'

interface RepetitionCase {
  ngramSize: number
  maxPenalty: number
  texts: string[]
  values: number[]
}
const TRL: { repetition: RepetitionCase[] } = JSON.parse(
  readFileSync(new URL('../../test/golden/fixtures/trl-rewards.json', import.meta.url), 'utf8'),
)

describe('repetitionReward', () => {
  it.each(TRL.repetition)('as TRL: $ngramSize-grams, $maxPenalty', ({ texts, values, ...options }) => {
    const reward = repetitionReward(options)
    for (const [i, text] of texts.entries())
      expect([text, reward.score(responseOf(text))]).toEqual([text, values[i]! || 0])
  })

  // open-r1: words lower-cased and split at white space.
  it.each<[string, number, number]>([
    ['Wait wait WAIT wait', 2, 2 / 3],
    ['wait, wait wait, wait', 2, 1 / 3],
    ['等等等等', 1, 3 / 4],
    ['等等, 等等', 2, 1 / 4],
    ['so\n等  so 等', 2, 1 / 3],
    ['', 1, 0],
  ])('%s by %i', (text, ngramSize, share) => expect(repeatedShare(text, ngramSize)).toBeCloseTo(share, 12))

  it('is at least 0, below 1, and grows when a text is said again', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', '等'), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 4 }), (list, n) => {
        const [once, often] = [
          repeatedShare(list.join(' '), n),
          repeatedShare(Array(20).fill(list.join(' ')).join(' '), n),
        ]
        expect(once).toBeGreaterThanOrEqual(0)
        expect(often).toBeLessThan(1)
        expect(often).toBeGreaterThanOrEqual(once)
      }),
    )
  })

  it.each([
    [{ ngramSize: 0 }, /repetition\.ngramSize is 0/],
    [{ ngramSize: 1.5 }, /repetition\.ngramSize is 1\.5/],
    [{ maxPenalty: 0.1 }, /repetition\.maxPenalty is 0\.1/],
  ])('refuses %o', (options, message) => {
    expect(() => repetitionReward(options)).toThrow(ConfigError)
    expect(() => repetitionReward(options)).toThrow(message)
  })
})
