import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTokenizer } from '../../test/letter-world.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import type { Rollout } from '../rollout/rollout.ts'
import type { Task } from '../tasks/task.ts'
import { READABILITY_FILTERS, rejectionSampling } from './rejection-sampling.ts'

const tokenizer = letterTokenizer('ab.q')
/** Right is what holds an a. */
const task: Task = {
  name: 'letters',
  verify: (_, response) => ({ correct: response.includes('a'), extracted: null, reason: '' }),
}
const asked = Array.from({ length: 6 }, (_, i) => ({ task, question: letterQuestion('q', i) }))

const sample = (options: object = {}, of = asked) =>
  rejectionSampling(of, {
    policy: createTabularEngine({ vocabularySize: 4 }),
    tokenizer,
    renderPrompt: ({ prompt }) => prompt,
    sampling: { maxTokens: 4, temperature: 1 },
    samples: 8,
    keep: 2,
    filters: [{ name: 'truncated', rejects: ({ stopReason }) => stopReason !== 'stop' }],
    batch: 4,
    seed: 'seed',
    ...options,
  })

describe('rejectionSampling', () => {
  it('keeps right, unfiltered, distinct responses, at most `keep` of a question', async () => {
    const { accepted } = (await sample())!
    expect(accepted.length).toBeGreaterThan(4)
    for (const { text, stopReason } of accepted) {
      expect(text).toContain('a')
      expect(stopReason).toBe('stop')
    }
    for (const { question } of asked) {
      const texts = accepted.filter((rollout) => rollout.question === question).map(({ text }) => text)
      expect(texts.length).toBeLessThanOrEqual(2)
      expect(new Set(texts).size).toBe(texts.length)
    }
  })

  it('counts every response once', async () => {
    const done: number[] = []
    const { accepted, counts } = (await sample({ onBatch: (n: number) => done.push(n) }))!
    const { questions, sampled, refused, surplus, kept, meanTokens } = counts.letters!
    expect([questions, sampled, done]).toEqual([6, 48, [4, 6]])
    expect(Object.keys(refused).sort()).toEqual(['truncated', 'wrong'])
    expect(refused.wrong! + refused.truncated! + surplus + kept).toBe(48)
    expect(kept).toBe(accepted.length)
    expect(meanTokens).toBeCloseTo(
      accepted.reduce((sum, { tokens }) => sum + tokens.length, 0) / accepted.length,
      9,
    )
  })

  it('is the same for the same seed, and gives nothing where it was stopped', async () => {
    const texts = async (options?: object) => (await sample(options))!.accepted.map(({ text }) => text)
    expect(await texts()).toEqual(await texts())
    expect(await texts({ seed: 'another' })).not.toEqual(await texts())
    expect(await sample({ signal: AbortSignal.abort() })).toBeUndefined()
  })
})

describe('READABILITY_FILTERS', () => {
  const refusal = (text: string, language = 'en', stopReason: Rollout['stopReason'] = 'stop') =>
    READABILITY_FILTERS.find(({ rejects }) =>
      rejects({ text, stopReason, question: { ...letterQuestion('q'), language } } as Rollout),
    )?.name
  const loop = 'so we try it once more and fail '.repeat(20)

  it.each([
    [undefined, '<think> first add the numbers then check </think> 7', 'en'],
    [undefined, '<think> 3 + 4 = 7 </think> 7', 'en'],
    [undefined, '<think> 先把数字加起来 </think> 7', 'zh'],
    ['mixed languages', '<think> first 所以 add </think> 7', 'en'],
    ['another language', '<think> 先把数字加起来 </think> 7', 'en'],
    ['another language', '<think> first add </think> 七', 'zh'],
    ['long paragraphs', `<think> ${'word '.repeat(401)} </think> 7`, 'en'],
    [
      undefined,
      `<think> ${Array.from({ length: 500 }, (_, i) => `w${i}`)
        .join(' ')
        .replaceAll('0 ', '0\n\n')} </think> 7`,
      'en',
    ],
    ['code blocks', '<think> run ```print(7)``` here </think> 7', 'en'],
    ['repetition', `<think> ${loop} </think> 7`, 'en'],
  ])('%s: %s', (name, text, language) => expect(refusal(text, language)).toBe(name))

  it('refuses what was cut off', () => expect(refusal('<think> first', 'en', 'length')).toBe('truncated'))
})
