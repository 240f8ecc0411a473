/**
 * Self-speculative sampling (arXiv 2211.17192 with the model's own module, arXiv 2412.19437 §5.4.3): the module that
 * predicts the token after the next one drafts it, and the decoder runs over the drawn token and the draft at once.
 * Where the token that is then drawn equals the draft, the second result counts too. Every token is drawn as without
 * speculation, from the same numbers of the same stream, so the text is the same.
 *
 * One sequence after the other: speculation shortens the wait for one text. A batch that fills the machine gains
 * nothing from it.
 */
import type { DeepseekV3Config } from '../../model/config.ts'
import { randomStream } from '../../random.ts'
import type { SampledSequence, SampleRequest, StopReason } from '../engine.ts'
import { createDraw, likeliestTokens } from '../sampling.ts'
import { createKeyValueCache } from './kv-cache.ts'
import { laneCapacity } from './lanes.ts'
import { finished, invalidRequest, type Sampler } from './sampler.ts'
import { type Feeds, float32, int64, type SessionCache } from './session.ts'
import { draftGraph, speculativePrefillGraph, verifyGraph, WINDOW } from './speculative-graphs.ts'
import type { Weights } from './weights.ts'

export interface Speculation {
  /** Drafts that were verified, and those that were right. */
  drafted: number
  accepted: number
}

const PREFILL_STEP = 32

export function createSpeculativeSampler(
  config: DeepseekV3Config,
  { specs, feeds }: Weights,
  constants: Feeds,
  sessions: SessionCache,
  counts: Speculation,
): Sampler {
  const draw = createDraw(config.vocabularySize)
  const moduleConfig = { ...config, numLayers: 1 }
  let last: Promise<unknown> = Promise.resolve()

  async function sample(request: SampleRequest): Promise<SampledSequence[]> {
    const prefilled = await prefill(request.prompt)
    const results: SampledSequence[] = []
    for (let i = 0; i < request.samples; i++) results.push(await sampleOne(request, i, prefilled))
    return results
  }

  /** The last prompt token is not in the cache yet: it is the first to be decoded. */
  async function prefill(prompt: Int32Array) {
    const count = prompt.length - 1
    const length = Math.min(Math.ceil(Math.max(1, count) / PREFILL_STEP) * PREFILL_STEP, config.maxPositions)
    const padded = (offset: number) =>
      int64(
        BigInt64Array.from({ length }, (_, i) => BigInt(prompt[Math.min(count, i + offset)]!)),
        [1, length],
      )
    const graph = await sessions.get(`speculative prefill ${length}`, () =>
      speculativePrefillGraph(config, specs, length),
    )
    const { cached, moduleCached, drafts } = await graph.run({
      ...feeds,
      ...constants,
      tokens: padded(0),
      nextTokens: padded(1),
      positions: positionsFrom(0, length),
    })
    return { count, length, cached: cached!, moduleCached: moduleCached!, draft: drafts![count - 1] ?? 0 }
  }

  async function sampleOne(
    request: SampleRequest,
    sample: number,
    prefilled: Awaited<ReturnType<typeof prefill>>,
  ): Promise<SampledSequence> {
    const { prompt, seed, options, signal } = request
    const { uniform } = randomStream(seed, 'sample', sample)
    const stopTokens = new Set(options.stopTokens)
    const tokens: number[] = []
    const logprobs: number[] = []
    const samplingLogprobs: number[] = []
    const inverseTemperature = options.temperature > 0 ? 1 / options.temperature : 1
    let caches = createCaches(prefilled.count + WINDOW)
    caches.decoder.write(0, 0, prefilled.cached, 0, 1, prefilled.length, prefilled.count)
    caches.module.write(0, 0, prefilled.moduleCached, 0, 1, prefilled.length, prefilled.count)
    let { count: position, draft } = prefilled
    let token = prompt[position]!

    for (;;) {
      if (signal?.aborted) return finished(tokens, logprobs, samplingLogprobs, 'aborted')
      if (position + WINDOW > caches.decoder.capacity) caches = grown(caches, position)
      const { capacity } = caches.decoder
      const positions = positionsFrom(position, WINDOW)
      const verify = await sessions.get(`verify ${capacity}`, () => verifyGraph(config, specs, capacity))
      const verified = await verify.run({
        ...feeds,
        ...constants,
        ...caches.decoder.feeds(1),
        tokens: int64(BigInt64Array.of(BigInt(token), BigInt(draft)), [1, WINDOW]),
        positions,
        inverseTemperatures: float32(Float32Array.of(inverseTemperature), [1, 1]),
      })
      const drawn: number[] = []
      let reason: StopReason | undefined
      do {
        const row = (scores: Float32Array) =>
          scores.subarray(drawn.length * config.vocabularySize, (drawn.length + 1) * config.vocabularySize)
        const scores = { logprobs: row(verified.logprobs!), weights: row(verified.weights!) }
        const result = draw(scores, options, uniform)
        token = result.token
        drawn.push(token)
        tokens.push(token)
        logprobs.push(result.logprob)
        samplingLogprobs.push(result.samplingLogprob)
        const others = likeliestTokens(scores.logprobs, request.alternatives ?? 0, result)
        request.onToken?.(sample, token, result.logprob, others)
        if (stopTokens.has(token)) reason = 'stop'
        else if (tokens.length >= options.maxTokens) reason = 'length'
      } while (reason === undefined && drawn.length < WINDOW && token === draft)
      counts.drafted++
      counts.accepted += Number(drawn[0] === draft)
      if (reason !== undefined) return finished(tokens, logprobs, samplingLogprobs, reason)

      caches.decoder.write(0, position, verified.cached!, 0, 1, WINDOW, drawn.length)
      const predict = await sessions.get(`draft ${capacity}`, () => draftGraph(config, specs, capacity))
      const { drafts, cached } = await predict.run({
        ...feeds,
        ...constants,
        ...caches.module.feeds(1),
        hidden: float32(verified.hidden!, [WINDOW, config.hiddenSize]),
        nextTokens: int64(BigInt64Array.of(BigInt(drawn[0]!), BigInt(token)), [1, WINDOW]),
        positions,
      })
      caches.module.write(0, position, cached!, 0, 1, WINDOW, drawn.length)
      draft = drafts![drawn.length - 1]!
      position += drawn.length
    }
  }

  function createCaches(positions: number) {
    const capacity = laneCapacity(positions)
    const caches = {
      decoder: createKeyValueCache(config, capacity),
      module: createKeyValueCache(moduleConfig, capacity),
    }
    for (const cache of Object.values(caches)) cache.reserve(1)
    return caches
  }

  function grown(caches: ReturnType<typeof createCaches>, position: number) {
    const larger = createCaches(position + WINDOW)
    caches.decoder.copySlot(0, larger.decoder, 0, position)
    caches.module.copySlot(0, larger.module, 0, position)
    return larger
  }

  /** A draft past the last position is never used; it only needs a position that exists. */
  const positionsFrom = (start: number, length: number) =>
    int64(
      BigInt64Array.from({ length }, (_, i) => BigInt(Math.min(start + i, config.maxPositions - 1))),
      [1, length],
    )

  return {
    submit(request) {
      const problem = invalidRequest(request, config)
      if (problem !== undefined) return Promise.reject(problem)
      const result = last.then(() => sample(request))
      last = result.catch(() => {})
      return result
    },
  }
}
