/**
 * Self-speculative sampling (arXiv 2211.17192 with the model's own module, arXiv 2412.19437 §5.4.3): the module that
 * predicts the token after the next one drafts it, and the decoder runs over the drawn token and the draft at once.
 * Where the token that is then drawn equals the draft, the second result counts too. Every token is drawn as without
 * speculation, from the same numbers of the same stream, so the text is the same.
 *
 * One sequence after the other: speculation shortens the wait for one text. A batch that fills the machine gains
 * nothing from it.
 */

import { drawnAt } from '../../graph/draw.ts'
import { architectureOf } from '../../model/architectures.ts'
import type { DeepseekV3Config } from '../../model/config.ts'
import { randomStream } from '../../random.ts'
import type { State } from '../../runtime/runtime.ts'
import type { SampledSequence, SampleRequest, StopReason } from '../engine.ts'
import { checkDrawn, drawOptions } from '../sampling.ts'
import { alternativesBucket, planeName, readLikeliest } from './decode-graph.ts'
import { createKeyValueCache } from './kv-cache.ts'
import { laneCapacity } from './lanes.ts'
import type { Programs } from './programs.ts'
import { finished, invalidRequest, type Sampler } from './sampler.ts'
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
  { specs, states: weights }: Weights,
  constants: Readonly<Record<string, State>>,
  programs: Programs,
  counts: Speculation,
): Sampler {
  const { runtime } = programs
  const moduleConfig = { ...config, numLayers: 1 }
  const { planes, heads, size } = architectureOf(config).cache
  const held = { ...weights, ...constants }
  let last: Promise<unknown> = Promise.resolve()

  async function sample(request: SampleRequest): Promise<SampledSequence[]> {
    const prefilled = await prefill(request.prompt)
    try {
      const results: SampledSequence[] = []
      for (let i = 0; i < request.samples; i++) results.push(await sampleOne(request, i, prefilled))
      return results
    } finally {
      for (const plane of [...prefilled.decoder, ...prefilled.module]) plane.release()
    }
  }

  /** The last prompt token is not in the cache yet: it is the first to be decoded. */
  async function prefill(prompt: Int32Array) {
    const count = prompt.length - 1
    const length = Math.min(Math.ceil(Math.max(1, count) / PREFILL_STEP) * PREFILL_STEP, config.maxPositions)
    const padded = (offset: number) =>
      BigInt64Array.from({ length }, (_, i) => BigInt(prompt[Math.min(count, i + offset)]!))
    const program = await programs.get(`speculative prefill ${length}`, {}, () =>
      speculativePrefillGraph(config, specs, length),
    )
    const create = (count: number) =>
      Array.from({ length: count }, () => runtime.create([1, heads, length, size]))
    const decoder = create(config.numLayers * planes)
    const module = create(planes)
    const named = (cache: string, states: readonly State[]) =>
      Object.fromEntries(states.map((state, i) => [planeName(cache, config, i), state]))
    const { drafts } = await program.run({
      feeds: { tokens: padded(0), nextTokens: padded(1), positions: positionsFrom(0, length) },
      states: { ...held, ...named('prefilled', decoder), ...named('module', module) },
    })
    return { count, length, decoder, module, draft: drafts![count - 1] ?? 0 }
  }

  async function sampleOne(
    request: SampleRequest,
    sample: number,
    prefilled: Awaited<ReturnType<typeof prefill>>,
  ): Promise<SampledSequence> {
    const { prompt, seed, options, signal, alternatives: asked = 0 } = request
    const alternatives = alternativesBucket(asked, config.vocabularySize)
    const { uniform } = randomStream(seed, 'sample', sample)
    const stopTokens = new Set(options.stopTokens)
    const tokens: number[] = []
    const logprobs: number[] = []
    const samplingLogprobs: number[] = []
    const { inverseTemperature, topK, topP } = drawOptions(options)
    const draws = Float32Array.of(inverseTemperature, topK, topP)
    const sampling = runtime.create([WINDOW, 3], 'float32', Float32Array.of(...draws, ...draws))
    const hidden = runtime.create([WINDOW, config.hiddenSize])
    let caches = createCaches(prefilled.count + WINDOW)
    caches.decoder.write(0, prefilled.decoder, 0, prefilled.length, prefilled.count)
    caches.module.write(0, prefilled.module, 0, prefilled.length, prefilled.count)
    let { count: position, draft } = prefilled
    let token = prompt[position]!
    /** The numbers of the two draws; a second one that did not count is the next first. */
    const uniforms = Float64Array.of(0, 0).map(() => (inverseTemperature > 0 ? uniform() : 0))

    try {
      for (;;) {
        if (signal?.aborted) return finished(tokens, logprobs, samplingLogprobs, 'aborted')
        if (position + WINDOW > caches.decoder.capacity) caches = grown(caches, position)
        const { capacity } = caches.decoder
        const positions = positionsFrom(position, WINDOW)
        const verify = await programs.get(`verify ${capacity}+${alternatives}`, {}, () =>
          verifyGraph(config, specs, capacity, alternatives),
        )
        const verified = await verify.run({
          feeds: { tokens: BigInt64Array.of(BigInt(token), BigInt(draft)), positions, uniforms },
          states: { ...held, ...caches.decoder.states, sampling, hidden },
        })
        const drawn: number[] = []
        let reason: StopReason | undefined
        do {
          const at = drawn.length
          const result = checkDrawn(drawnAt(verified.drawn!, at))
          token = result.token
          drawn.push(token)
          tokens.push(token)
          logprobs.push(result.logprob)
          samplingLogprobs.push(result.samplingLogprob)
          const others = readLikeliest(verified, alternatives, at, asked)
          request.onToken?.(sample, token, result.logprob, others)
          if (stopTokens.has(token)) reason = 'stop'
          else if (tokens.length >= options.maxTokens) reason = 'length'
        } while (reason === undefined && drawn.length < WINDOW && token === draft)
        counts.drafted++
        counts.accepted += Number(drawn[0] === draft)
        if (reason !== undefined) return finished(tokens, logprobs, samplingLogprobs, reason)
        if (inverseTemperature > 0) {
          uniforms[0] = drawn.length === WINDOW ? uniform() : uniforms[1]!
          uniforms[1] = uniform()
        }

        const predict = await programs.get(`draft ${capacity}`, {}, () => draftGraph(config, specs, capacity))
        const { drafts } = await predict.run({
          feeds: {
            nextTokens: BigInt64Array.of(BigInt(drawn[0]!), BigInt(token)),
            positions,
          },
          states: { ...held, ...caches.module.states, hidden },
        })
        draft = drafts![drawn.length - 1]!
        position += drawn.length
      }
    } finally {
      for (const state of [sampling, hidden, caches.decoder, caches.module]) state.release()
    }
  }

  function createCaches(positions: number) {
    const capacity = laneCapacity(positions)
    const caches = {
      decoder: createKeyValueCache(runtime, config, capacity),
      module: createKeyValueCache(runtime, moduleConfig, capacity, 'module'),
    }
    for (const cache of Object.values(caches)) cache.resize(1)
    return caches
  }

  function grown(caches: ReturnType<typeof createCaches>, position: number) {
    const larger = createCaches(position + WINDOW)
    caches.decoder.copySlot(0, larger.decoder, 0, position)
    caches.module.copySlot(0, larger.module, 0, position)
    for (const cache of Object.values(caches)) cache.release()
    return larger
  }

  /** A draft past the last position is never used; it only needs a position that exists. */
  const positionsFrom = (start: number, length: number) =>
    BigInt64Array.from({ length }, (_, i) => BigInt(Math.min(start + i, config.maxPositions - 1)))

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
