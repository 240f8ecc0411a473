import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { JudgeError } from '../errors.ts'
import { JUDGE_SAMPLING, type JudgeOptions, openJudge } from './judge.ts'
import type { ModelResponse, ResponseRequest } from './responder.ts'
import { openResponseCache } from './response-cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-judge-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Replies with what `reply` says of a prompt; undefined is a request that failed for good. */
function judge(reply: (prompt: string) => string | undefined, options: Partial<JudgeOptions> = {}) {
  const asked: ResponseRequest[] = []
  const opened = openJudge({
    responder: {
      name: 'judge',
      async respond(requests: readonly ResponseRequest[], onResponse: (response: ModelResponse) => void) {
        for (const request of requests) {
          asked.push(request)
          const text = reply(request.prompt)
          const response = { questionId: 'judge', sample: 0, tokens: 1, stopReason: 'stop' as const }
          onResponse({ ...response, text: text ?? '', ...(text === undefined && { error: 'no such model' }) })
        }
      },
    },
    concurrency: 2,
    seed: 1,
    ...options,
  })
  const number = (prompt: string, sample = 0) =>
    opened.ask({
      prompt,
      sample,
      read: (text) => (/\d/.test(text) ? Number(text) : null),
      expected: 'a digit',
    })
  return { number, asked, counts: opened.counts }
}

const openCache = () =>
  openResponseCache(folder, {
    benchmark: 'judge',
    dataHash: '',
    model: 'judge',
    version: undefined,
    sampling: JUDGE_SAMPLING,
    seed: 1,
  })

describe('a judge', () => {
  it('is asked once for the same prompt and sample, and counted', async () => {
    const { number, asked, counts } = judge(() => '<think>7?</think>5')
    expect(await Promise.all([number('a'), number('a'), number('b'), number('a', 1)])).toEqual([5, 5, 5, 5])
    expect(asked.map(({ prompt, sample }) => [prompt, sample])).toEqual([
      ['a', 0],
      ['b', 0],
      ['a', 1],
    ])
    expect(new Set(asked.map(({ seed }) => seed)).size).toBe(2)
    expect(counts()).toEqual({ asked: 4, known: 1, failed: 0 })
  })

  it('what it does not say is an error that can be asked again, never a verdict', async () => {
    const replies = ['neither', undefined, '3']
    const { number, counts } = judge(() => replies.shift())
    await expect(number('a')).rejects.toThrow(
      'reply is "neither": the judge gave no verdict. Expected a digit',
    )
    await expect(number('a')).rejects.toThrow('the judge gave no reply (no such model).')
    expect(await number('a')).toBe(3)
    expect(counts()).toEqual({ asked: 3, known: 0, failed: 2 })
  })

  it('a later session knows its verdicts, and asks again for what was none', async () => {
    const first = await openCache()
    const before = judge((prompt) => (prompt === 'a' ? '4' : 'no'), { cache: first })
    expect(await before.number('a')).toBe(4)
    await expect(before.number('b')).rejects.toThrow(JudgeError)
    first.close()
    const second = await openCache()
    const after = judge(() => '6', { cache: second })
    expect([await after.number('a'), await after.number('b')]).toEqual([4, 6])
    expect(after.asked.map(({ prompt }) => prompt)).toEqual(['b'])
    expect(after.counts()).toEqual({ asked: 2, known: 1, failed: 0 })
    second.close()
  })
})
