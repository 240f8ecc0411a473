import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { judgedPart, preferenceReward } from './preference.ts'

describe('preference reward', () => {
  /** The score is the number of tokens. */
  const batches: number[] = []
  const model = {
    values: async (sequences: readonly Int32Array[]) => {
      batches.push(sequences.length)
      return sequences.map((tokens) => Float32Array.from(tokens, (_, i) => i + 1))
    },
  }
  const rendered: string[] = []
  const options = {
    name: 'helpful',
    model,
    judges: 'summary' as const,
    applies: ({ id }: { id: string }) => id.startsWith('general'),
    render: (_: unknown, judged: string) => {
      rendered.push(judged)
      return new Int32Array(judged.length)
    },
  }
  const ask = (text: string, id = 'general/1') =>
    responseOf(text, { question: { id, prompt: 'Hello', answer: '' } })

  it('scores the summary alone, from 0 to 1, in one batch', async () => {
    const reward = preferenceReward({ ...options, center: 2 })
    const scores = await Promise.all(
      ['<think>long long</think>\n\nab', '<think>x</think> abcd', 'abc'].map((text) =>
        reward.score(ask(text)),
      ),
    )
    expect(scores).toEqual(
      [0.5, 1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(-1))].map((x) => expect.closeTo(x, 9)),
    )
    expect(rendered.splice(0)).toEqual(['ab', 'abcd', 'abc'])
    expect(batches.splice(0)).toEqual([3])
  })

  it('scores the whole response where it is safety that counts', async () => {
    const text = '<think>x</think> y'
    expect(await preferenceReward({ ...options, judges: 'response' }).score(ask(text))).toBeGreaterThan(0.99)
    expect(rendered.splice(0)).toEqual([text])
  })

  it('has nothing to say of other questions, and 0 for a response without a summary', async () => {
    const reward = preferenceReward(options)
    batches.length = 0
    expect(await reward.score(ask('<think>x</think> y', 'pocket-countdown/1'))).toBeNull()
    expect(await reward.score(ask('<think>never ends'))).toBe(0)
    expect(await reward.score(ask('<think>x</think>'))).toBe(0)
    expect(batches).toEqual([])
  })

  it('a model that breaks is an error of the reward', async () => {
    const broken = { values: () => Promise.reject(new Error('out of memory')) }
    await expect(preferenceReward({ ...options, model: broken }).score(ask('ab'))).rejects.toThrow(
      'out of memory',
    )
  })

  it('says what a model is to be trained on', () => {
    expect(judgedPart('summary', '<think>a</think> <answer> 4 </answer>')).toBe('4')
    expect(judgedPart('response', '<think>a</think> b')).toBe('<think>a</think> b')
  })
})
