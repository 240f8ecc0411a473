import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelResponse, ResponseRequest } from './responder.ts'
import { type CacheIdentity, openResponseCache } from './response-cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-cache-'))
const sampling = { temperature: 0.6, topP: 0.95, maxTokens: 100 }
const identity: CacheIdentity = {
  benchmark: 'b',
  dataHash: 'd',
  model: 'm',
  version: undefined,
  sampling,
  seed: 0,
}
const request = (questionId: string, sample: number, prompt = 'p'): ResponseRequest => ({
  questionId,
  sample,
  prompt,
  sampling,
  seed: 1,
})
const response = (questionId: string, sample: number): ModelResponse => ({
  questionId,
  sample,
  text: 'é\n"x"',
  tokens: 3,
  stopReason: 'length',
})

describe('openResponseCache', () => {
  it('keeps responses by question, sample and prompt, over a torn last line', async () => {
    const first = await openResponseCache(folder, identity)
    first.add(request('a', 0), response('a', 0))
    first.add(request('a', 1), { ...response('a', 1), thinkingTokens: 2 })
    first.add(request('b', 0), { ...response('b', 0), error: 'failed' })
    first.close()
    appendFileSync(first.path, '{"question":"c","sa')

    const second = await openResponseCache(folder, identity)
    expect(second.get(request('a', 0))).toEqual(response('a', 0))
    expect(second.get(request('a', 1))).toEqual({ ...response('a', 1), thinkingTokens: 2 })
    for (const missing of [request('a', 0, 'other'), request('b', 0), request('a', 2), request('c', 0)])
      expect(second.get(missing)).toBeUndefined()
    second.add(request('c', 0), response('c', 0))
    second.close()
    expect(readFileSync(first.path, 'utf8').trim().split('\n')).toHaveLength(3)
  })

  it.each([
    { benchmark: 'b2' },
    { dataHash: 'd2' },
    { model: 'm2' },
    { version: 'v2' },
    { seed: 1 },
    { sampling: { ...sampling, temperature: 1 } },
  ])('is another cache with %j', async (change) => {
    const other = await openResponseCache(folder, { ...identity, ...change })
    expect(other.get(request('a', 0))).toBeUndefined()
    other.close()
  })

  it('names a line that is no response', async () => {
    const cache = await openResponseCache(folder, { ...identity, benchmark: 'foreign' })
    cache.close()
    appendFileSync(cache.path, '{"a":1}\n')
    await expect(openResponseCache(folder, { ...identity, benchmark: 'foreign' })).rejects.toThrow(
      `${cache.path}:1: not a cached response.`,
    )
  })
})
