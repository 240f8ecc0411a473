import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { ConfigError } from '../errors.ts'
import { overlongReward } from './overlong.ts'

interface OverlongCase {
  maxTokens: number
  cacheTokens: number
  lengths: number[]
  values: number[]
}
const TRL: { overlong: OverlongCase[] } = JSON.parse(
  readFileSync(new URL('../../test/golden/fixtures/trl-rewards.json', import.meta.url), 'utf8'),
)

describe('overlongReward', () => {
  it.each(TRL.overlong)('as TRL: $cacheTokens before $maxTokens', ({ lengths, values, ...options }) => {
    const reward = overlongReward(options)
    for (const [i, numTokens] of lengths.entries())
      expect([numTokens, reward.score(responseOf('', { numTokens }))]).toEqual([numTokens, values[i]])
  })

  it.each([
    [{ maxTokens: 0, cacheTokens: 0 }, /overlong\.maxTokens is 0/],
    [{ maxTokens: 10, cacheTokens: 11 }, /overlong\.cacheTokens is 11.*0 to maxTokens \(10\)/],
    [{ maxTokens: 10, cacheTokens: -1 }, /overlong\.cacheTokens is -1/],
  ])('refuses %o', (options, message) => {
    expect(() => overlongReward(options)).toThrow(ConfigError)
    expect(() => overlongReward(options)).toThrow(message)
  })
})
