import { describe, expect, it } from 'vitest'
import { letterTokenizer } from '../../test/letter-world.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import { type TreeSearchOptions, treeSearch } from './tree-search.ts'

/** Steps are one letter and a semicolon; a full stop ends the response. */
const tokenizer = letterTokenizer('ab;.q')
const [, , SEMICOLON, END] = [0, 1, 2, 3]
const uniformAfterSemicolon = () => {
  const logits = new Float64Array(25).fill(-30)
  for (const from of [2, 4]) {
    logits[from * 5 + 0] = 0
    logits[from * 5 + 1] = 0
    logits[from * 5 + 3] = -1
  }
  for (const from of [0, 1]) logits[from * 5 + 2] = 0
  logits[3 * 5 + 3] = 0
  return createTabularEngine({ vocabularySize: 5, logits })
}

async function search(options: Partial<TreeSearchOptions> = {}, prompts = ['q', 'qq']) {
  const engine = uniformAfterSemicolon()
  const requests: number[][] = []
  const found = await treeSearch(
    prompts.map((prompt) => tokenizer.encode(prompt)),
    {
      policy: {
        ...engine,
        sample(given) {
          requests.push(given.map(({ prompt }) => prompt.length))
          return engine.sample(given)
        },
      },
      value: {
        /** Likes responses of many a and few b, and finished ones. */
        values: async (sequences) =>
          sequences.map((tokens) => {
            const text = tokenizer.decode(tokens)
            const score = text.split('a').length - text.split('b').length + Number(text.endsWith('.'))
            return Float32Array.from(tokens, () => score)
          }),
      },
      stepTokens: [SEMICOLON],
      stopTokens: [END],
      budget: 150,
      width: 3,
      exploration: 0.3,
      sampling: { temperature: 1 },
      maxTokens: 13,
      seed: 1,
      ...options,
    },
  )
  return { found: found.map((of) => ({ ...of, text: tokenizer.decode(of.tokens) })), requests }
}

describe('tree search', () => {
  it('finds a response that the value model likes and the policy seldom draws', async () => {
    const { found } = await search()
    for (const { text, finished, value } of found) {
      expect(finished).toBe(true)
      const lead = text.split('a').length - text.split('b').length
      // A draw from the policy ends with the first step in 16 of 100, and has such a lead in 7.
      expect(lead).toBeGreaterThanOrEqual(3)
      expect(value).toBeCloseTo(1 / (1 + Math.exp(-lead - Number(text.endsWith('.')))), 6)
    }
  })

  it('draws one step of every tree at a time, in one batch, until the tokens are spent', async () => {
    const { found, requests } = await search({ budget: 12, width: 99 })
    // All from the root: a step is a letter and its semicolon, or the end.
    expect(requests[0]).toEqual([1, 2])
    for (const lengths of requests) expect([[1, 2], [1], [2]]).toContainEqual(lengths)
    for (const { sampledTokens, readTokens } of found) {
      expect(sampledTokens + readTokens).toBeGreaterThanOrEqual(12)
      expect(sampledTokens + readTokens).toBeLessThan(12 + 4)
      // Three different steps, each read once.
      expect(readTokens).toBeLessThanOrEqual(5)
    }
  })

  it('goes deeper once a node has been drawn from as often as the cap allows', async () => {
    const { requests } = await search({ width: 2 }, ['q'])
    expect(requests.slice(0, 2)).toEqual([[1], [1]])
    expect(requests.slice(2).every(([length]) => length! > 1)).toBe(true)
  })

  it('is over where nothing new can come', async () => {
    const { found, requests } = await search({ width: 1, budget: 1e6 }, ['q'])
    expect(found[0]!.finished).toBe(true)
    // One line from the root to a full stop.
    expect(requests.map(([length]) => length)).toEqual(requests.map((_, i) => 1 + 2 * i))
  })

  it('is the same for the same seed', async () => {
    const texts = async (seed: number) => (await search({ seed, budget: 20 })).found.map(({ text }) => text)
    expect(await texts(3)).toEqual(await texts(3))
  })

  it('gives a part of a response where none was finished', async () => {
    const { found } = await search({ budget: 1, seed: 2 })
    expect(found.some(({ finished, text }) => !finished && text.endsWith(';'))).toBe(true)
  })

  it('ends a response at the limit', async () => {
    const { found } = await search({ maxTokens: 4 })
    for (const { tokens } of found) expect(tokens.length).toBeLessThanOrEqual(4)
  })
})
