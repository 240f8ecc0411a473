import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { ConfigError, UserError } from '../errors.ts'
import type { GroupReward, Reward } from './reward.ts'
import { checkRewarded, scoreGroup, scoreResponse } from './reward.ts'
import { isNothing, weightAt } from './weight.ts'

const responses = ['a', 'bb', 'ccc'].map((text) => responseOf(text))
const length: Reward = { name: 'length', weight: 2, score: ({ text }) => text.length }
/** How much a response differs from the shortest. */
const longer: GroupReward = {
  name: 'longer',
  weight: 1,
  scoreGroup(group) {
    const shortest = Math.min(...group.map(({ text }) => text.length))
    return group.map(({ text }) => (text === 'bb' ? null : text.length - shortest))
  },
}
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe('scoreGroup', () => {
  it('is the weighted sum of single and group rewards, without what does not apply', async () => {
    expect(await scoreGroup([length, longer], responses)).toEqual([
      { rewards: { length: 1, longer: 0 }, reward: 2 },
      { rewards: { length: 2, longer: null }, reward: 4 },
      { rewards: { length: 3, longer: 2 }, reward: 8 },
    ])
  })

  it('weighs by the step', async () => {
    const scheduled = { ...length, weight: { from: 1, to: 0, steps: 4 } }
    const at = async (step: number) => (await scoreResponse([scheduled], responses[2]!, step)).reward
    expect(await Promise.all([0, 1, 4, 9].map(at))).toEqual([3, 2.25, 0, 0])
  })

  it.each([
    [[1, 2], 'scoreGroup did not give each response one score. Expected an array of 3 numbers or nulls'],
    [7, 'reward odd is 7: scoreGroup did not give each response one score'],
    [[1, Number.NaN, 2], 'reward odd: its score was NaN'],
    [[1, 'x', 2], 'reward odd: its score was x'],
  ])('a group that is given %j is refused', async (scores, message) => {
    const odd = { name: 'odd', weight: 1, scoreGroup: () => scores as number[] }
    const scoring = scoreGroup([odd], responses)
    await expect(scoring).rejects.toThrow(ConfigError)
    await expect(scoring).rejects.toThrow(message)
  })
})

describe('limits', () => {
  it('asks for so many scores at a time, over all groups', async () => {
    let [now, most] = [0, 0]
    const slow: Reward = {
      name: 'slow',
      weight: 1,
      limits: { concurrency: 2 },
      async score() {
        most = Math.max(most, ++now)
        await sleep(1)
        now--
        return 1
      },
    }
    await Promise.all([scoreGroup([slow], responses), scoreGroup([slow], responses)])
    expect(most).toBe(2)
  })

  it('a score that fails stops the run, or is skipped and counted, and is no 0', async () => {
    const failing = (onFailure?: 'skip'): Reward => ({
      name: 'server',
      weight: 1,
      ...(onFailure && { limits: { onFailure } }),
      score: ({ text }) => (text === 'bb' ? Promise.reject(new Error('down')) : 1),
    })
    await expect(scoreGroup([failing()], responses)).rejects.toThrow('down')
    expect((await scoreGroup([length, failing('skip')], responses))[1]).toEqual({
      rewards: { length: 2, server: null },
      reward: 4,
      failed: ['server'],
    })
  })

  it('a score that comes too late is named, or skipped', async () => {
    const late = (onFailure: 'stop' | 'skip'): Reward => ({
      name: 'late',
      weight: 1,
      limits: { seconds: 0.01, onFailure },
      score: () => new Promise<number>(() => {}),
    })
    const scoring = scoreResponse([late('stop')], responses[0]!)
    await expect(scoring).rejects.toThrow(UserError)
    await expect(scoring).rejects.toThrow(
      'reward late: no score within its time. Expected a score within 0.01 s',
    )
    expect(await scoreResponse([late('skip')], responses[0]!)).toMatchObject({ failed: ['late'] })
  })

  it('a wrong shape is no failure to be skipped', async () => {
    const wrong: Reward = { name: 'w', weight: 1, limits: { onFailure: 'skip' }, score: () => Number.NaN }
    await expect(scoreResponse([wrong], responses[0]!)).rejects.toThrow(ConfigError)
  })
})

it('two rewards of one name are refused: their figures could not be told apart', () => {
  const other: Reward = { name: 'other', weight: 1, score: () => 1 }
  expect(() => checkRewarded([length, other])).not.toThrow()
  expect(() => checkRewarded([length, other, { ...other }])).toThrow(
    'rewards is "other": two rewards have the same name. Give your own another name',
  )
})

it.each([
  [0, true],
  [0.1, false],
  [{ from: 0, to: 0, steps: 1 }, true],
  [{ from: 0, to: 1, steps: 1 }, false],
])('a weight of %j counts for nothing: %s', (weight, expected) => {
  expect(isNothing(weight)).toBe(expected)
  expect(weightAt(weight, 5) === 0).toBe(expected)
})
