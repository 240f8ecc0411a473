import { describe, expect, it } from 'vitest'
import { letterTokenizer } from '../../test/letter-world.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import { type TreeSearchOptions, treeSearch } from './tree-search.ts'

/** Steps are one letter and a semicolon; a full stop ends the response. */
const tokenizer = letterTokenizer('ab;.q')
const [A, B, SEMICOLON, END, Q] = [0, 1, 2, 3, 4]
/** After the prompt and after each step: a or b, or the end with 16 in 100. */
const policy = () => {
  const logits = new Float64Array(25).fill(-30)
  for (const from of [SEMICOLON, Q]) {
    logits[from * 5 + A] = 0
    logits[from * 5 + B] = 0
    logits[from * 5 + END] = -1
  }
  for (const from of [A, B]) logits[from * 5 + SEMICOLON] = 0
  return createTabularEngine({ vocabularySize: 5, logits })
}
/** Likes responses of many a and few b. */
const lead = (text: string) => text.split('a').length - text.split('b').length

async function search(options: Partial<TreeSearchOptions> = {}, prompts = ['q', 'qq']) {
  const engine = policy()
  const requests: number[][] = []
  let drawn = 0
  const found = await treeSearch(
    prompts.map((prompt) => tokenizer.encode(prompt)),
    {
      policy: {
        async sample(given) {
          requests.push(given.map(({ prompt }) => prompt.length))
          const sampled = await engine.sample(given)
          drawn += sampled.flat().reduce((sum, { tokens }) => sum + tokens.length, 0)
          return sampled
        },
      },
      value: {
        values: async (sequences) =>
          sequences.map((tokens) => Float32Array.from(tokens, () => lead(tokenizer.decode(tokens)))),
      },
      stepTokens: [SEMICOLON],
      stopTokens: [END],
      simulations: 3,
      width: 4,
      exploration: 0.3,
      sampling: { temperature: 1 },
      maxTokens: 12,
      seed: 1,
      ...options,
    },
  )
  return {
    found: found.map((response) => ({ ...response, text: tokenizer.decode(response.tokens) })),
    requests,
    drawn,
  }
}

describe('tree search', () => {
  const many = Array.from({ length: 40 }, () => 'q')
  const meanLead = async (options: Partial<TreeSearchOptions>) => {
    const { found } = await search(options, many)
    return found.reduce((sum, { text }) => sum + lead(text), 0) / found.length
  }

  it('finds responses that the value model likes and the policy seldom draws', async () => {
    // One step drawn at a time is a response of the policy, which knows no preference.
    expect(Math.abs(await meanLead({ simulations: 1, width: 1 }))).toBeLessThan(0.8)
    expect(await meanLead({})).toBeGreaterThan(2.5)
  })

  it('always comes to an end: by a stop token, or at the limit', async () => {
    const { found } = await search({}, many)
    for (const { text, stopReason, tokens, logprobs } of found) {
      expect(text).toMatch(/^([ab];)*([ab];|\.)$/)
      expect(stopReason).toBe(text.endsWith('.') ? 'stop' : 'length')
      if (stopReason === 'length') expect(tokens.length).toBe(12)
      expect(logprobs.length).toBe(tokens.length)
    }
    expect(new Set(found.map(({ stopReason }) => stopReason)).size).toBe(2)
  })

  it('draws at one node of every tree at a time, in one batch, and counts every token', async () => {
    const { found, requests, drawn } = await search()
    expect(requests[0]).toEqual([1, 2])
    for (const lengths of requests) expect(lengths.length).toBeLessThanOrEqual(2)
    expect(found.reduce((sum, { sampledTokens }) => sum + sampledTokens, 0)).toBe(drawn)
    expect(drawn).toBeGreaterThan(3 * found.reduce((sum, { tokens }) => sum + tokens.length, 0))
  })

  it('keeps what it found below the step that the response continues with', async () => {
    const { requests } = await search({ width: 1, simulations: 2, seed: 2 }, ['q'])
    expect(requests.length).toBeGreaterThan(2)
    // Of a chain, none is drawn from twice; the last rounds find it ended.
    const lengths = requests.flat()
    expect(lengths).toEqual(lengths.map((_, i) => 1 + 2 * i))
  })

  it('is the same for the same seed, whatever is searched beside it', async () => {
    const texts = async (prompts: string[]) =>
      (await search({ seed: 3 }, prompts)).found.map(({ text }) => text)
    expect(await texts(['q', 'qq'])).toEqual(await texts(['q', 'qq']))
    expect((await texts(['q', 'qq']))[0]).toBe((await texts(['q']))[0])
  })
})
