import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { ConfigError } from '../errors.ts'
import { accuracyReward, judge } from './accuracy.ts'
import { scoreResponse } from './reward.ts'

describe('accuracyReward', () => {
  const reward = accuracyReward()

  it.each([
    ['right', 1],
    ['wrong', 0],
    ['', 0],
  ])('%s', async (text, expected) => expect(await reward.score(responseOf(text))).toBe(expected))

  it('does not apply without anything to verify by', async () => {
    const question = { id: 'q', prompt: '?', answer: '' }
    expect(await reward.score(responseOf('right', { question }))).toBeNull()
    const withTests = { ...question, data: { tests: [] } }
    expect(await reward.score(responseOf('right', { question: withTests }))).toBe(1)
  })

  it('runs the verifier once a response, however many rewards ask', async () => {
    let calls = 0
    const task = {
      name: 't',
      verify: async () => {
        calls++
        return { correct: true, extracted: '1', reason: 'equal' }
      },
    }
    const response = responseOf('x', { task })
    const scored = await scoreResponse([accuracyReward({ weight: 2 }), accuracyReward()], response)
    expect(scored).toEqual({ rewards: { accuracy: 1 }, reward: 3 })
    expect(await judge(response)).toMatchObject({ extracted: '1' })
    expect(calls).toBe(1)
    await judge({ ...response })
    expect(calls).toBe(2)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])('a score of %s is refused', async (value) => {
    const broken = { name: 'short', weight: 1, score: () => value as number }
    const scoring = scoreResponse([accuracyReward(), broken], responseOf('x'))
    await expect(scoring).rejects.toThrow(ConfigError)
    await expect(scoring).rejects.toThrow(
      `reward short: its score was ${value}. Expected a finite number or null.`,
    )
  })

  it('lets a failure of the verifier through', async () => {
    const task = {
      name: 't',
      verify: () => {
        throw new Error('no sandbox')
      },
    }
    await expect(accuracyReward().score(responseOf('x', { task }))).rejects.toThrow('no sandbox')
  })
})
