import { describe, expect, it } from 'vitest'
import {
  formatReward,
  type GroupReward,
  kimiLengthReward,
  overlongReward,
  type Reward,
} from '../rewards/index.ts'
import './index.ts'

const right = '<think> 2 + 2 </think> <answer> 4 </answer>'

describe('toPrefer', () => {
  it('holds a reward to what it should prefer', async () => {
    await expect(formatReward()).toPrefer(right).over('4')
    await expect(formatReward()).not.toPrefer('4').over(right)
    await expect(overlongReward({ maxTokens: 10 }))
      .toPrefer('short')
      .over({ text: 'long', numTokens: 11 })
  })

  it('fails with both scores', async () => {
    await expect(expect(formatReward()).toPrefer('4').over(right)).rejects.toThrow(
      `expected format to prefer "4" (0) over ${JSON.stringify(right)} (1)`,
    )
    await expect(expect(formatReward()).not.toPrefer(right).over('4')).rejects.toThrow('not to prefer')
    await expect(expect(formatReward()).toPrefer(right).over(right)).rejects.toThrow('(1) over')
  })

  it('says what is no reward', () => {
    const half = { name: 'half', weight: 1 }
    expect(() => expect(half).toPrefer('a' as never)).toThrow(
      'toPrefer: the exported reward is incomplete: it needs one of score and scoreGroup',
    )
  })

  it('shows a group reward both as one group', async () => {
    await expect(kimiLengthReward())
      .toPrefer(right)
      .over(`<think> 2 + 2 = 4 yes </think> <answer> 4 </answer>`)
  })
})

it('a reward of the wrong shape does not compile', () => {
  const score = () => 1
  // @ts-expect-error no weight
  const noWeight: Reward = { name: 'a', score }
  // @ts-expect-error text is no score
  const text: Reward = { name: 'a', weight: 1, score: () => 'good' }
  // @ts-expect-error one score is no array
  const one: GroupReward = { name: 'a', weight: 1, scoreGroup: () => 1 }
  // @ts-expect-error not both
  const both: Reward = { name: 'a', weight: 1, score, scoreGroup: () => [1] }
  // @ts-expect-error a schedule needs its steps
  const schedule: Reward = { name: 'a', weight: { from: 1, to: 0 }, score }
  expect([noWeight, text, one, both, schedule]).toHaveLength(5)
})
