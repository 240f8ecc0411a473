import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTask, letterTokenizer } from '../../test/letter-world.ts'
import type { SampleRequest } from '../engine/engine.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import { ConfigError, JudgeError } from '../errors.ts'
import type { ResponseToScore, Reward } from '../rewards/reward.ts'
import { splitReasoning } from '../text/reasoning.ts'
import {
  type GroupSampler,
  responseText,
  sampleGroups,
  stopTokens,
  type UnjudgedGroup,
} from './sample-groups.ts'

const tokenizer = letterTokenizer('ab.q')
const asked = ['q', 'aq', 'q'].map((prompt, i) => ({ task: letterTask, question: letterQuestion(prompt, i) }))

async function sample(options: Partial<GroupSampler> = {}, questions = asked, seed = 'seed') {
  const engine = createTabularEngine({ vocabularySize: 4 })
  const requests: SampleRequest[] = []
  const groups = await sampleGroups(
    {
      policy: {
        ...engine,
        sample: (given) => {
          requests.push(...given)
          return engine.sample(given)
        },
      },
      tokenizer,
      renderPrompt: ({ prompt }) => prompt,
      rewards: [],
      sampling: { maxTokens: 3, temperature: 1 },
      ...options,
    },
    questions,
    5,
    seed,
  )
  return { groups, requests }
}

describe('sampleGroups', () => {
  it('gives G responses to each question, in order, with text and log-probabilities', async () => {
    const { groups } = await sample()
    expect(groups.map(({ question }) => question)).toEqual(asked.map(({ question }) => question))
    for (const { question, rollouts } of groups) {
      expect(rollouts.length).toBe(5)
      for (const rollout of rollouts) {
        expect(rollout.question).toBe(question)
        expect(tokenizer.decode(rollout.prompt)).toBe(question.prompt)
        const all = tokenizer.decode(rollout.tokens)
        expect(rollout.text).toBe(rollout.stopReason === 'stop' ? all.slice(0, -1) : all)
        expect(all.endsWith('.')).toBe(rollout.stopReason === 'stop')
        for (const logprob of rollout.logprobs) expect(logprob).toBeCloseTo(Math.log(1 / 4), 6)
      }
    }
  })

  it('a response depends on the seed, its question’s place and its own number', async () => {
    const texts = async (...args: Parameters<typeof sample>) =>
      (await sample(...args)).groups.map(({ rollouts }) => rollouts.map(({ text }) => text))
    const all = await texts()
    expect(await texts()).toEqual(all)
    expect(await texts({}, asked.slice(0, 2))).toEqual(all.slice(0, 2))
    expect(all[2]).not.toEqual(all[0])
    expect(await texts({}, asked, 'another')).not.toEqual(all)
  })

  it('passes the settings, the stop token and the signal on', async () => {
    const { signal } = new AbortController()
    const { requests } = await sample({ sampling: { maxTokens: 2, temperature: 0.6, topP: 0.9 }, signal })
    expect(requests.map(({ samples }) => samples)).toEqual([5, 5, 5])
    expect(requests[0]!.options).toEqual({ maxTokens: 2, temperature: 0.6, topP: 0.9, stopTokens: [2] })
    expect(requests.every((request) => request.signal === signal)).toBe(true)
    expect(new Set(requests.map(({ seed }) => seed)).size).toBe(3)
  })

  it('scores each response by the weighted sum of what applies', async () => {
    const seen: ResponseToScore[] = []
    const rewards = [
      { name: 'a', weight: 2, score: ({ text }: ResponseToScore) => text.split('a').length - 1 },
      {
        name: 'note',
        weight: 1,
        score: async (response: ResponseToScore) => {
          seen.push(response)
          return null
        },
      },
    ]
    const { groups } = await sample({ rewards })
    const rollouts = groups.flatMap((group) => group.rollouts)
    expect(seen.map(({ numTokens }) => numTokens).sort()).toEqual(rollouts.map((r) => r.tokens.length).sort())
    for (const { text, rewards: parts, reward } of rollouts) {
      const count = text.split('a').length - 1
      expect([parts, reward]).toEqual([{ a: count, note: null }, 2 * count])
    }
  })

  it('a response to a prompt that opened the thinking is read with its tag', async () => {
    const read: string[] = []
    const rewards: Reward[] = [{ name: 'read', weight: 1, score: ({ text }) => read.push(text) }]
    const { groups } = await sample({
      tokenizer: { ...tokenizer, encode: (text) => tokenizer.encode(text.replace('<think>', '')) },
      renderPrompt: ({ prompt }) => `${prompt}<think>`,
      rewards,
    })
    const texts = groups.flatMap(({ rollouts }) => rollouts.map(({ text }) => text))
    expect(texts.filter((text) => !text.startsWith('<think>'))).toEqual([])
    expect(read.sort()).toEqual(texts.sort())
    for (const text of texts) expect(splitReasoning(text)).toMatchObject({ answer: '', complete: false })
  })

  it('a question that leaves no room for its responses is named', async () => {
    await expect(sample({ maxPositions: 5 })).resolves.toBeDefined()
    const { id } = asked[1]!.question
    const sampling = sample({ maxPositions: 4 })
    await expect(sampling).rejects.toThrow(ConfigError)
    await expect(sampling).rejects.toThrow(
      `question ${id}: its prompt of 2 tokens leaves no room for a response of 3. Expected at most 1, `,
    )
  })

  it('a group that no judge could judge is left out and told, never scored', async () => {
    const unjudged: UnjudgedGroup[] = []
    const reward: Reward = {
      name: 'judged',
      weight: 1,
      score({ question }) {
        if (question.id === asked[1]!.question.id) throw new JudgeError('no reply.')
        return 1
      },
    }
    const all = await sample({ rewards: [{ ...reward, score: () => 1 }] })
    const { groups } = await sample({ rewards: [reward], onUnjudged: (group) => unjudged.push(group) })
    expect(groups).toEqual([all.groups[0], all.groups[2]])
    const tokens = all.groups[1]!.rollouts.reduce((sum, rollout) => sum + rollout.tokens.length, 0)
    expect(unjudged).toEqual([{ question: asked[1]!.question, tokens, reason: 'no reply.' }])
    await expect(sample({ rewards: [reward] })).rejects.toThrow(JudgeError)
  })

  it('a reward that throws is an error of the whole', async () => {
    const rewards = [{ name: 'bad', weight: 1, score: () => Promise.reject(new Error('reward broke')) }]
    await expect(sample({ rewards })).rejects.toThrow('reward broke')
  })
})

describe('stop tokens', () => {
  it('are the end-of-text token, or none', () => {
    expect(stopTokens(tokenizer)).toEqual([2])
    expect(stopTokens({ ...tokenizer, stopIds: [] })).toEqual([])
  })

  it.each([
    ['stop', 'ab'],
    ['length', 'ab.'],
    ['aborted', 'ab.'],
  ] as const)('a response that ended by %s reads %s', (stopReason, text) => {
    const sequence = {
      tokens: Int32Array.of(0, 1, 2),
      logprobs: new Float32Array(3),
      samplingLogprobs: new Float32Array(3),
      stopReason,
    }
    expect(responseText(tokenizer, 'q', sequence)).toBe(text)
    expect(responseText(tokenizer, 'q<think>\n', sequence)).toBe(`<think>\n${text}`)
  })
})
