import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTokenizer } from '../../test/letter-world.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import type { Rollout } from '../rollout/rollout.ts'
import type { Task } from '../tasks/task.ts'
import {
  countByDomain,
  READABILITY_FILTERS,
  rejectionSampling,
  type SelectedResponses,
} from './rejection-sampling.ts'

const tokenizer = letterTokenizer('ab.q')
/** Right is what holds an a. */
const task: Task = {
  name: 'letters',
  verify: (_, response) => ({ correct: response.includes('a'), extracted: null, reason: '' }),
}
const asked = Array.from({ length: 6 }, (_, i) => ({ task, question: letterQuestion('q', i) }))

async function sample(options: object = {}, questions = asked) {
  const selections: SelectedResponses[] = []
  const sampling = rejectionSampling(questions, {
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
  for await (const batch of sampling) selections.push(...batch)
  return selections
}

describe('rejectionSampling', () => {
  it('keeps right, unfiltered, distinct responses, at most `keep` of a question', async () => {
    const selections = await sample()
    expect(selections.length).toBe(6)
    expect(selections.flatMap(({ accepted }) => accepted).length).toBeGreaterThan(4)
    for (const { accepted } of selections) {
      const texts = accepted.map(({ text }) => text)
      expect(texts.length).toBeLessThanOrEqual(2)
      expect(new Set(texts).size).toBe(texts.length)
      for (const { text, numTokens } of accepted) {
        expect(text).toContain('a')
        // The stop token is the one that is not in the text: nothing that was cut off is here.
        expect(numTokens).toBe(text.length + 1)
      }
    }
  })

  it('counts every response once', async () => {
    const selections = await sample()
    const { questions, sampled, refused, surplus, accepted } = countByDomain(selections).letters!
    expect([questions, sampled]).toEqual([6, 48])
    expect(Object.keys(refused).sort()).toEqual(['truncated', 'wrong'])
    expect(refused.wrong! + refused.truncated! + surplus + accepted).toBe(48)
    expect(accepted).toBe(selections.flatMap((selection) => selection.accepted).length)
  })

  it('is the same for the same seed, continues from a batch, and ends where it is stopped', async () => {
    const whole = await sample()
    expect(await sample()).toEqual(whole)
    expect(await sample({ seed: 'another' })).not.toEqual(whole)
    expect(await sample({ from: 4 })).toEqual(whole.slice(4))
    expect(await sample({ signal: AbortSignal.abort() })).toEqual([])
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
