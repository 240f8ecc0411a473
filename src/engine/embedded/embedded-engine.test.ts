/** Sampling against scoring on tiny random models. Against transformers: test/golden/architectures.test.ts. */
import { afterAll, describe, expect, it } from 'vitest'
import { tinyConfig, tinyEngine } from '../../../test/tiny-model.ts'
import { EngineError } from '../../errors.ts'
import { randomStream } from '../../random.ts'
import type { SampledSequence, SampleRequest } from '../engine.ts'
import type { EmbeddedEngine } from './embedded-engine.ts'
import { MAX_SLOTS } from './lanes.ts'
import { createEmbeddedEngine } from './local-engine.ts'
import { numWeights, writeWeights } from './weights.ts'

const { integer } = randomStream(1, 'prompts')
const prompt = (length: number) => Int32Array.from({ length }, () => integer(0, 39))
const request = (given: Partial<SampleRequest> & { length?: number } = {}): SampleRequest => {
  const { length = 5, ...rest } = given
  return {
    prompt: prompt(length),
    samples: 1,
    seed: 3,
    options: { maxTokens: 8, temperature: 1, stopTokens: [] },
    ...rest,
  }
}
const tokensOf = (responses: SampledSequence[][]) =>
  responses.map((group) => group.map((r) => Array.from(r.tokens)))

const engines = { llama: tinyEngine('llama'), qwen2: tinyEngine('qwen2') }
afterAll(() => {
  for (const engine of Object.values(engines)) engine.close()
})

describe.each(['llama', 'qwen2'] as const)('%s', (architecture) => {
  const engine = engines[architecture]
  /** 144 responses of very different length, more than there are slots, some beyond the first 64 positions. */
  const requests = [
    request({ length: 1, samples: 50, options: { maxTokens: 12, temperature: 1, stopTokens: [3, 4, 5, 6] } }),
    request({
      length: 7,
      samples: 50,
      seed: 5,
      options: { maxTokens: 9, temperature: 0.6, topP: 0.95, stopTokens: [7] },
    }),
    request({
      length: 33,
      samples: 40,
      seed: 6,
      options: { maxTokens: 40, temperature: 1, stopTokens: [1, 2, 8, 9] },
    }),
    request({
      length: 60,
      samples: 3,
      seed: 7,
      options: { maxTokens: 20, temperature: 1, topK: 8, stopTokens: [] },
    }),
    request({ length: 2, samples: 1, seed: 8, options: { maxTokens: 80, temperature: 1, stopTokens: [] } }),
  ]
  let together: SampledSequence[][]

  it('samples what the training graph would say, to 1e-4', async () => {
    together = await engine.sample(requests)
    expect(together.map((group) => group.length)).toEqual(requests.map(({ samples }) => samples))
    const flat = together.flatMap((group, r) =>
      group.map((response) => ({ ...response, from: requests[r]! })),
    )
    const scored = await engine.logprobs(
      flat.map(({ from, tokens }) => Int32Array.from([...from.prompt, ...tokens])),
    )
    flat.forEach(({ from, tokens, logprobs }, s) => {
      const own = scored[s]!.subarray(from.prompt.length - 1)
      expect(own.length).toBe(tokens.length)
      own.forEach((logprob, t) => {
        expect(Math.abs(logprob - logprobs[t]!)).toBeLessThan(1e-4)
      })
    })
  })

  it('ends at a stop token, which it keeps, or at the limit', () => {
    const reasons = new Set<string>()
    together.forEach((group, r) => {
      const { maxTokens, stopTokens } = requests[r]!.options
      for (const { tokens, stopReason, logprobs, samplingLogprobs } of group) {
        reasons.add(stopReason)
        const stop = tokens.findIndex((token) => stopTokens.includes(token))
        if (stopReason === 'stop') expect(stop).toBe(tokens.length - 1)
        else expect([stopReason, stop, tokens.length]).toEqual(['length', -1, maxTokens])
        expect([logprobs.length, samplingLogprobs.length]).toEqual([tokens.length, tokens.length])
      }
    })
    expect(reasons).toEqual(new Set(['stop', 'length']))
  })

  it('a response depends on seed and number alone, not on its company', async () => {
    const [, second, , fourth] = together
    const alone = tokensOf([
      ...(await engine.sample([requests[3]!])),
      ...(await engine.sample([requests[1]!])),
    ])
    expect(alone).toEqual(tokensOf([fourth!, second!]))
    const fewer = await engine.sample([{ ...requests[1]!, samples: 2 }])
    expect(tokensOf(fewer)).toEqual(tokensOf([second!.slice(0, 2)]))
    const otherSeed = await engine.sample([{ ...requests[3]!, seed: 70 }])
    expect(tokensOf(otherSeed)).not.toEqual(tokensOf([fourth!]))
    expect(new Set(fourth!.map((r) => r.tokens.join())).size).toBe(3)
  })

  it('greedy speaks the likeliest token of the training graph, token by token', async () => {
    const from = prompt(6)
    const options = { maxTokens: 4, temperature: 0, stopTokens: [] }
    const [[greedy] = []] = await engine.sample([request({ prompt: from, options })])
    let so = Array.from(from)
    for (const [t, token] of greedy!.tokens.entries()) {
      const candidates = Array.from({ length: 40 }, (_, next) => Int32Array.from([...so, next]))
      const scores = (await engine.logprobs(candidates)).map((scored) => scored.at(-1)!)
      expect(token).toBe(scores.indexOf(Math.max(...scores)))
      expect(greedy!.logprobs[t]).toBeCloseTo(scores[token]!, 4)
      so = [...so, token]
    }
    expect(Array.from(greedy!.samplingLogprobs)).toEqual([0, 0, 0, 0])
  })
})

describe('requests', () => {
  const engine: EmbeddedEngine = engines.qwen2

  it('stream their tokens in order', async () => {
    const streamed: number[][] = [[], []]
    const logprobs: number[][] = [[], []]
    const [responses] = await engine.sample([
      request({
        samples: 2,
        onToken(sample, token, logprob) {
          streamed[sample]!.push(token)
          logprobs[sample]!.push(logprob)
        },
      }),
    ])
    expect(tokensOf([responses!])).toEqual([streamed])
    expect(responses!.map((r) => r.logprobs)).toEqual(logprobs.map((values) => Float32Array.from(values)))
  })

  it('tell the likeliest tokens beside the drawn one, greedy ones first of them', async () => {
    const heads: number[] = []
    const options = { maxTokens: 4, temperature: 0, stopTokens: [] }
    const [[greedy] = []] = await engine.sample([
      request({
        options,
        alternatives: 3,
        onToken(_, token, logprob, likeliest) {
          expect(likeliest).toHaveLength(3)
          expect(likeliest[0]).toEqual({ token, logprob: expect.closeTo(logprob, 6) })
          heads.push(likeliest[0]!.token)
        },
      }),
    ])
    expect(heads).toEqual(Array.from(greedy!.tokens))
  })

  it('may come while others run, and find their answers', async () => {
    const late: Promise<SampledSequence[][]>[] = []
    const lateRequest = request({ length: 9, samples: 2, seed: 11 })
    const early = await engine.sample([
      request({
        samples: 3,
        onToken: () => {
          if (late.length === 0) late.push(engine.sample([lateRequest]))
        },
      }),
    ])
    expect(early[0]!.length).toBe(3)
    expect(tokensOf(await late[0]!)).toEqual(tokensOf(await engine.sample([lateRequest])))
  })

  it('an abort ends its own request with what it has, and no other', async () => {
    const stop = new AbortController()
    let count = 0
    const options = { maxTokens: 100, temperature: 1, stopTokens: [] }
    const stopped = request({
      options,
      samples: MAX_SLOTS + 6,
      signal: stop.signal,
      onToken: () => {
        if (++count === 3 * MAX_SLOTS) stop.abort()
      },
    })
    const other = request({ seed: 9 })
    const [aborted, whole] = await engine.sample([stopped, other])
    expect(aborted!.map((r) => r.stopReason)).toEqual(new Array(MAX_SLOTS + 6).fill('aborted'))
    expect(aborted![0]!.tokens.length).toBe(3)
    expect(aborted!.at(-1)!.tokens.length).toBe(0)
    expect(whole![0]!.stopReason).toBe('length')
    expect(tokensOf([whole!])).toEqual(tokensOf(await engine.sample([other])))
  })

  it('aborted beforehand they never start', async () => {
    const [responses] = await engine.sample([request({ samples: 2, signal: AbortSignal.abort() })])
    expect(responses!.map((r) => [r.stopReason, r.tokens.length])).toEqual([
      ['aborted', 0],
      ['aborted', 0],
    ])
  })

  const options = { maxTokens: 8, temperature: 1, stopTokens: [] }
  it.each<[string, Partial<SampleRequest>, RegExp]>([
    ['no prompt', { prompt: new Int32Array() }, /^prompt .*at least one token/],
    ['an unknown token', { prompt: Int32Array.of(1, 40) }, /^prompt .*below 40/],
    ['a negative token', { prompt: Int32Array.of(-1) }, /^prompt /],
    ['no samples', { samples: 0 }, /^samples is 0: .*at least 1/],
    ['a temperature below 0', { options: { ...options, temperature: -1 } }, /^temperature is -1: /],
    [
      'a temperature whose inverse is infinite',
      { options: { ...options, temperature: 1e-320 } },
      /^temperature is 1e-320: /,
    ],
    ['no temperature', { options: { ...options, temperature: Number.NaN } }, /^temperature /],
    ['no tokens', { options: { ...options, maxTokens: 0 } }, /^maxTokens is 0: /],
    ['too many tokens', { options: { ...options, maxTokens: 188 } }, /maxTokens is 193: .*192 positions/],
  ])('%s: one sentence that names the field', async (_, wrong, message) => {
    const asked = engine.sample([request(wrong)])
    await expect(asked).rejects.toThrow(EngineError)
    await expect(asked).rejects.toThrow(message)
  })

  it('a callback that throws ends its own request and no other', async () => {
    const onToken = () => {
      throw new Error('mine')
    }
    const other = request({ seed: 9, samples: 3 })
    const [failed, whole] = await Promise.allSettled([
      engine.sample([request({ onToken, samples: MAX_SLOTS + 6 })]),
      engine.sample([other]),
    ])
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'mine' } })
    expect(whole).toMatchObject({ status: 'fulfilled' })
    expect((await engine.sample([other]))[0]!.length).toBe(3)
  })

  it('damaged weights are an error of all that run, and the engine lives on', async () => {
    const broken = tinyEngine('llama')
    const size = numWeights(broken.weights)
    writeWeights(broken.weights, new Float32Array(size).fill(Number.NaN))
    await expect(broken.sample([request(), request()])).rejects.toThrow(/not numbers/)
    writeWeights(broken.weights, new Float32Array(size).fill(0.1))
    expect((await broken.sample([request()]))[0]![0]!.tokens.length).toBe(8)
    broken.close()
  })

  it('a sequence longer than the positions is named in training too', async () => {
    await expect(engine.logprobs([new Int32Array(194)])).rejects.toThrow(/tokens is 194: .*at most 193/)
  })

  it('nothing asked is nothing answered', async () => {
    expect(await engine.sample([])).toEqual([])
    expect(await engine.logprobs([])).toEqual([])
  })
})

it('decays matrices alone, wherever in memory the weights are', async () => {
  const config = tinyConfig('llama')
  const size = numWeights(engines.llama.weights)
  const weights = new Float32Array(size + 7).subarray(7).fill(1)
  const engine = createEmbeddedEngine({ config, weights, minRowLength: 64 })
  await engine.optimStep({
    learningRate: 1,
    beta1: 0.9,
    beta2: 0.9,
    epsilon: 1,
    weightDecay: 0.5,
    gradientClipNorm: 0,
  })
  for (const { name, shape } of engine.weights.specs)
    expect(new Set(await engine.weights.states[name]!.read()), name).toEqual(
      new Set([shape.length === 2 ? 0.5 : 1]),
    )
  engine.close()
})
