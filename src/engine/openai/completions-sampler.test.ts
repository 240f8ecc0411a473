import { afterEach, describe, expect, it } from 'vitest'
import { letterTokenizer } from '../../../test/letter-world.ts'
import {
  type ChatBody,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../../../test/scripted-openai-server.ts'
import type { SampleRequest } from '../engine.ts'
import { type CompletionsOptions, completionsSampler } from './completions-sampler.ts'

const tokenizer = letterTokenizer('ab.q')
const [A, B, END, Q] = [0, 1, 2, 3]
const RETRIES = { retries: 3, firstWaitSeconds: 0.001, longestWaitSeconds: 0.01 }

let server: ScriptedServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function sampler(
  script: (body: ChatBody) => Partial<Script>,
  options: Partial<CompletionsOptions> = {},
) {
  server = await startScriptedServer((body) => ({ text: '', tokens: 0, ...script(body) }))
  const { url } = server
  return completionsSampler({
    ...{ url, model: 'm', tokenizer, concurrency: 4, idleSeconds: 5, retryPolicy: RETRIES },
    ...options,
  })
}

const request = (more: Partial<SampleRequest> = {}): SampleRequest => ({
  prompt: Int32Array.of(Q, A),
  samples: 1,
  seed: 7,
  options: { maxTokens: 5, temperature: 1, stopTokens: [END] },
  ...more,
})

/** The same response, b a b and the end, as each server tells it. */
const usage = { choices: [], usage: { completion_tokens: 4 } }
const chunk = (choice: object) => ({ choices: [{ index: 0, ...choice }] })
const DIALECTS: Record<string, object[]> = {
  'vLLM: token_ids': [
    chunk({ text: 'b', token_ids: [B], logprobs: { tokens: ['token_id:1'], token_logprobs: [-0.5] } }),
    chunk({
      text: 'ab',
      token_ids: [A, B, END],
      logprobs: { tokens: ['token_id:0', 'token_id:1', 'token_id:2'], token_logprobs: [-1, -2, -0.25] },
      finish_reason: 'stop',
    }),
    usage,
  ],
  'older vLLM: token_id in place of texts': [
    chunk({
      text: 'bab',
      logprobs: {
        tokens: ['token_id:1', 'token_id:0', 'token_id:1', 'token_id:2'],
        token_logprobs: [-0.5, -1, -2, -0.25],
      },
      finish_reason: 'stop',
    }),
    usage,
  ],
  'SGLang: response_token_ids': [
    chunk({
      text: 'bab',
      response_token_ids: [B, A, B, END],
      logprobs: { tokens: ['b', 'a', 'b', '.'], token_logprobs: [-0.5, -1, -2, -0.25] },
      finish_reason: 'stop',
    }),
  ],
  'llama.cpp: logprobs.content': [
    chunk({ text: 'b', logprobs: { content: [{ id: B, token: 'b', logprob: -0.5 }] }, finish_reason: null }),
    chunk({
      text: 'ab',
      logprobs: {
        content: [
          { id: A, logprob: -1 },
          { id: B, logprob: -2 },
          { id: END, logprob: -0.25 },
        ],
      },
      finish_reason: 'stop',
    }),
    usage,
  ],
}

describe('completionsSampler', () => {
  it.each(Object.entries(DIALECTS))('%s', async (_, chunks) => {
    const [[sequence] = []] = await (await sampler(() => ({ chunks }))).sample([request()])
    expect(sequence).toEqual({
      tokens: Int32Array.of(B, A, B, END),
      logprobs: Float32Array.of(-0.5, -1, -2, -0.25),
      samplingLogprobs: Float32Array.of(-0.5, -1, -2, -0.25),
      stopReason: 'stop',
    })
  })

  it.each<[string, object[], number[], number[]]>([
    ['text alone is tokenized here', [chunk({ text: 'bab', finish_reason: 'length' }), usage], [B, A, B], []],
    [
      'a stop token that is not told is added, without a log-probability',
      [
        chunk({
          text: 'ba',
          token_ids: [B, A],
          logprobs: { token_logprobs: [-1, -2] },
          finish_reason: 'stop',
        }),
      ],
      [B, A, END],
      [-1, -2],
    ],
    [
      'ids that are fewer than the server counted are not trusted',
      [
        chunk({ text: 'bab', logprobs: { content: [{ id: B, logprob: -1 }] }, finish_reason: 'length' }),
        usage,
      ],
      [B, A, B],
      [],
    ],
  ])('%s', async (_, chunks, tokens, logprobs) => {
    const [[sequence] = []] = await (await sampler(() => ({ chunks }))).sample([request()])
    expect(Array.from(sequence!.tokens)).toEqual(tokens)
    expect(Array.from(sequence!.logprobs)).toEqual(tokens.map((_, t) => logprobs[t] ?? Number.NaN))
  })

  it('asks with token ids, one request a response, each with a seed of its own', async () => {
    const chunks = DIALECTS['vLLM: token_ids']!
    const { sample } = await sampler(() => ({ chunks }), { apiKey: 'k' })
    const options = { maxTokens: 5, temperature: 0.6, topP: 0.9, topK: 20, stopTokens: [END] }
    const results = await sample([request({ samples: 3, options }), request({ seed: 8 })])
    expect(results.map((group) => group.length)).toEqual([3, 1])
    expect(results[0]![0]!.samplingLogprobs[0]).toBeNaN()
    const { requests } = server!
    expect(requests[0]).toMatchObject({
      ...{ model: 'm', prompt: [Q, A], max_tokens: 5, temperature: 0.6, top_p: 0.9, top_k: 20 },
      ...{ stop_token_ids: [END], logprobs: 1, return_token_ids: true, return_tokens_as_token_ids: true },
    })
    expect(requests[0]).not.toHaveProperty('n')
    expect(new Set(requests.map(({ seed }) => seed)).size).toBe(4)
    expect(requests.every(({ seed }) => seed >= 0 && seed < 2 ** 31)).toBe(true)
  })

  it('tells tokens as they come', async () => {
    const told: unknown[] = []
    const { sample } = await sampler(() => ({ chunks: DIALECTS['vLLM: token_ids']! }))
    await sample([request({ onToken: (...token) => told.push(token.slice(0, 3)) })])
    expect(told).toEqual([
      [0, B, -0.5],
      [0, A, -1],
      [0, B, -2],
      [0, END, -0.25],
    ])
  })

  it('asks again what fails in passing, and nothing else', async () => {
    const chunks = DIALECTS['vLLM: token_ids']!
    const { sample } = await sampler(({ seed }) => ({
      chunks,
      faults: seed % 2 === 0 ? ['rate limit', 'server error', 'reset'] : [],
    }))
    const results = await sample([request({ samples: 8 })])
    expect(results[0]!.every(({ tokens }) => tokens.length === 4)).toBe(true)
    expect([...server!.answered.values()]).toEqual(Array(8).fill(1))
  })

  it('asks a limited number at a time', async () => {
    let running = 0
    let most = 0
    const { sample } = await sampler(() => {
      most = Math.max(most, ++running)
      setTimeout(() => running--, 20)
      return { chunks: DIALECTS['vLLM: token_ids']!, delay: 10 }
    })
    await sample([request({ samples: 12 })])
    expect(most).toBeLessThanOrEqual(4)
  })

  it('an aborted request gives what it has', async () => {
    const stop = new AbortController()
    const { sample } = await sampler(() => ({ chunks: DIALECTS['vLLM: token_ids']!, delay: 200 }))
    const [[sequence] = []] = await sample([request({ signal: stop.signal, onToken: () => stop.abort() })])
    expect(sequence).toMatchObject({ tokens: Int32Array.of(B), stopReason: 'aborted' })
  })

  it('a server that is not there is one sentence', async () => {
    const { sample } = await sampler(() => ({}), { url: 'http://127.0.0.1:9/v1' })
    await expect(sample([request()])).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:9\/v1: model "m" does not answer: .* Check that/,
    )
  })
})
