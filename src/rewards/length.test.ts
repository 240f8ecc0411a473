import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { ConfigError } from '../errors.ts'
import { cosineLengthReward, kimiLengthRewards } from './length.ts'

interface CosineCase {
  options: Record<string, number>
  correct: boolean | null
  lengths: number[]
  values: (number | null)[]
}
const TRL: { cosine: CosineCase[] } = JSON.parse(
  readFileSync(new URL('../../test/golden/fixtures/trl-rewards.json', import.meta.url), 'utf8'),
)

describe('cosineLengthReward', () => {
  it.each(TRL.cosine)(
    'as TRL: $options, correct: $correct',
    async ({ options, correct, lengths, values }) => {
      const { max_len, min_value_correct, max_value_correct, min_value_wrong, max_value_wrong } = options
      const bounds =
        max_value_correct === undefined
          ? {}
          : {
              correct: { short: max_value_correct, long: min_value_correct! },
              wrong: { short: min_value_wrong!, long: max_value_wrong! },
            }
      const reward = cosineLengthReward({ maxTokens: max_len!, ...bounds })
      const question = { id: 'q', prompt: '?', answer: correct === null ? '' : 'a' }
      for (const [i, numTokens] of lengths.entries()) {
        const score = await reward.score(responseOf(correct ? 'right' : 'wrong', { numTokens, question }))
        const expected = values[i]!
        if (expected === null) expect(score).toBeNull()
        else expect(score).toBeCloseTo(expected, 12)
      }
    },
  )

  it('refuses a schedule without length', () => {
    for (const maxTokens of [0, -1, Number.NaN])
      expect(() => cosineLengthReward({ maxTokens })).toThrow(ConfigError)
  })
})

describe('kimiLengthRewards', () => {
  // Hand-computed from 0.5 - (length - shortest) / (longest - shortest), as in Kimi k1.5 and open-r1.
  it.each<[string, [number, boolean][], number[]]>([
    [
      'right ones from 0.5 to -0.5',
      [
        [100, true],
        [150, true],
        [300, true],
      ],
      [0.5, 0.25, -0.5],
    ],
    [
      'wrong ones never above 0',
      [
        [100, false],
        [150, false],
        [300, false],
      ],
      [0, 0, -0.5],
    ],
    [
      'wrong ones count for the range',
      [
        [100, false],
        [200, true],
        [300, true],
      ],
      [0, 0, -0.5],
    ],
    [
      'all equally long',
      [
        [100, true],
        [100, false],
      ],
      [0, 0],
    ],
    ['one response', [[100, true]], [0]],
    ['no response', [], []],
  ])('%s', (_, group, expected) => {
    expect(kimiLengthRewards(group.map(([numTokens, correct]) => ({ numTokens, correct })))).toEqual(expected)
  })
})
