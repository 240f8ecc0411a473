/**
 * Sampling with continuous batching: a finished sequence gives its slot to the next one at once. The responses of a
 * request share one prefill of their prompt. Requests may be added at any time, from any number of callers.
 */
import { EngineError } from '../../errors.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { randomStream } from '../../random.ts'
import type { SampledSequence, SampleRequest, StopReason } from '../engine.ts'
import { createDraw, likeliestTokens } from '../sampling.ts'
import { decodeGraph, prefillGraph } from './decode-graph.ts'
import { createKeyValueCache } from './kv-cache.ts'
import { type Feeds, int64, type SessionCache } from './session.ts'
import type { Weights } from './weights.ts'

const SLOT_BUCKETS = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128]
export const MAX_SLOTS = SLOT_BUCKETS.at(-1)!
const PREFILL_ROWS = [1, 4, 16]
const PREFILL_STEP = 32

/** A prompt's keys and values: row `row` of a prefill of `rows` prompts padded to `length`. */
interface Prefilled {
  cached: Float32Array
  row: number
  rows: number
  length: number
}

interface Pending {
  request: SampleRequest
  results: SampledSequence[]
  nextSample: number
  unfinished: number
  prefilled?: Prefilled
  resolve: (results: SampledSequence[]) => void
  reject: (error: unknown) => void
}

interface Slot {
  pending: Pending
  sample: number
  uniform: () => number
  stopTokens: ReadonlySet<number>
  /** The token to feed next; its position is the number of positions cached so far. */
  token: number
  position: number
  tokens: number[]
  logprobs: number[]
  samplingLogprobs: number[]
}

export interface Sampler {
  submit(request: SampleRequest): Promise<SampledSequence[]>
}

export function createSampler(
  config: DecoderConfig,
  weights: () => Weights,
  constants: Feeds,
  sessions: SessionCache,
): Sampler {
  const draw = createDraw(config.vocabularySize)
  const cache = createKeyValueCache(config, MAX_SLOTS)
  const queue: Pending[] = []
  const slots: Slot[] = []
  let running = false

  /** Runs until nothing is left to do. */
  async function pump(): Promise<void> {
    running = true
    try {
      while (queue.length > 0 || slots.length > 0) {
        await admit()
        if (slots.length > 0) await step()
      }
    } catch (error) {
      for (const pending of new Set([...queue, ...slots.map((slot) => slot.pending)])) pending.reject(error)
      queue.length = 0
      slots.length = 0
    } finally {
      cache.reset()
      running = false
    }
  }

  async function admit(): Promise<void> {
    const admitted: Pending[] = []
    let free = MAX_SLOTS - slots.length
    for (const pending of queue) {
      if (free <= 0) break
      admitted.push(pending)
      free -= pending.request.samples - pending.nextSample
    }
    await prefill(admitted.filter((pending) => pending.prefilled === undefined && !aborted(pending)))
    for (const pending of admitted) {
      const { request, results } = pending
      while (pending.nextSample < request.samples && (slots.length < MAX_SLOTS || aborted(pending))) {
        const sample = pending.nextSample++
        if (aborted(pending)) {
          results[sample] = finished([], [], [], 'aborted')
          settle(pending)
        } else open(pending, sample)
      }
      if (pending.nextSample === request.samples) queue.splice(queue.indexOf(pending), 1)
    }
  }

  /** Requests with the same prompt share its prefill. */
  async function prefill(pendings: Pending[]): Promise<void> {
    const byPrompt = new Map<string, Pending[]>()
    for (const pending of pendings) {
      const key = pending.request.prompt.join()
      byPrompt.set(key, [...(byPrompt.get(key) ?? []), pending])
    }
    const prompts = [...byPrompt.values()]
    for (let start = 0; start < prompts.length; start += PREFILL_ROWS.at(-1)!) {
      const batch = prompts.slice(start, start + PREFILL_ROWS.at(-1)!)
      const rows = PREFILL_ROWS.find((size) => size >= batch.length)!
      const longest = Math.max(...batch.map(([first]) => first!.request.prompt.length - 1))
      const length = Math.min(
        Math.ceil(Math.max(1, longest) / PREFILL_STEP) * PREFILL_STEP,
        config.maxPositions,
      )
      const tokens = new BigInt64Array(rows * length)
      const positions = BigInt64Array.from(tokens, (_, i) => BigInt(i % length))
      batch.forEach(([first], row) => {
        const { prompt } = first!.request
        for (let i = 0; i < prompt.length - 1; i++) tokens[row * length + i] = BigInt(prompt[i]!)
      })
      const { specs, feeds } = weights()
      const graph = await sessions.get(`prefill ${rows}x${length}`, () =>
        prefillGraph(config, specs, rows, length),
      )
      const { cached } = await graph.run({
        ...feeds,
        ...constants,
        tokens: int64(tokens, [rows, length]),
        positions: int64(positions, [rows, length]),
      })
      batch.forEach((same, row) => {
        for (const pending of same) pending.prefilled = { cached: cached!, row, rows, length }
      })
    }
  }

  function open(pending: Pending, sample: number): void {
    const { prompt, seed, options } = pending.request
    const { cached, row, rows, length } = pending.prefilled!
    const position = prompt.length - 1
    cache.reserve(position + 1)
    cache.write(slots.length, 0, cached, row, rows, length, position)
    slots.push({
      pending,
      sample,
      uniform: randomStream(seed, 'sample', sample).uniform,
      stopTokens: new Set(options.stopTokens),
      token: prompt[position]!,
      position,
      tokens: [],
      logprobs: [],
      samplingLogprobs: [],
    })
  }

  /** One more token for every slot. */
  async function step(): Promise<void> {
    const width = SLOT_BUCKETS.find((size) => size >= slots.length)!
    cache.reserve(slots.reduce((most, { position }) => Math.max(most, position + 1), 0))
    const tokens = new BigInt64Array(width)
    const positions = new BigInt64Array(width)
    slots.forEach((slot, b) => {
      tokens[b] = BigInt(slot.token)
      positions[b] = BigInt(slot.position)
    })
    const { specs, feeds } = weights()
    const { capacity } = cache
    const graph = await sessions.get(`decode ${width}x${capacity}`, () =>
      decodeGraph(config, specs, width, capacity),
    )
    const { logits, cached } = await graph.run({
      ...feeds,
      ...constants,
      ...cache.feeds(width),
      tokens: int64(tokens, [width, 1]),
      positions: int64(positions, [width, 1]),
    })
    slots.forEach((slot, b) => {
      cache.write(b, slot.position, cached!, b, width, 1, 1)
    })
    const V = config.vocabularySize
    // Backwards, since a finished slot is replaced by the last one.
    for (let b = slots.length - 1; b >= 0; b--) {
      const slot = slots[b]!
      const reason = advance(slot, logits!.subarray(b * V, (b + 1) * V))
      if (reason === undefined) continue
      slot.pending.results[slot.sample] = finished(slot.tokens, slot.logprobs, slot.samplingLogprobs, reason)
      settle(slot.pending)
      const last = slots.pop()!
      if (last !== slot) {
        slots[b] = last
        cache.move(slots.length, b)
      }
    }
  }

  /** Draws the slot's next token; says why the sequence ends where it does. */
  function advance(slot: Slot, logits: Float32Array): StopReason | undefined {
    const { request } = slot.pending
    if (aborted(slot.pending)) return 'aborted'
    const drawn = draw(logits, request.options, slot.uniform)
    const { token, logprob, samplingLogprob } = drawn
    slot.tokens.push(token)
    slot.logprobs.push(logprob)
    slot.samplingLogprobs.push(samplingLogprob)
    slot.token = token
    slot.position++
    request.onToken?.(slot.sample, token, logprob, likeliestTokens(logits, request.alternatives ?? 0, drawn))
    if (slot.stopTokens.has(token)) return 'stop'
    return slot.tokens.length >= request.options.maxTokens ? 'length' : undefined
  }

  function settle(pending: Pending): void {
    if (--pending.unfinished === 0) pending.resolve(pending.results)
  }

  return {
    submit(request) {
      const problem = invalid(request, config)
      if (problem !== undefined) return Promise.reject(problem)
      return new Promise((resolve, reject) => {
        const { samples } = request
        queue.push({ request, results: [], nextSample: 0, unfinished: samples, resolve, reject })
        // A microtask later, so that requests submitted together are prefilled together.
        if (!running) {
          running = true
          queueMicrotask(() => void pump())
        }
      })
    },
  }
}

const aborted = ({ request }: Pending) => request.signal?.aborted === true

const finished = (
  tokens: number[],
  logprobs: number[],
  samplingLogprobs: number[],
  stopReason: StopReason,
): SampledSequence => ({
  tokens: Int32Array.from(tokens),
  logprobs: Float32Array.from(logprobs),
  samplingLogprobs: Float32Array.from(samplingLogprobs),
  stopReason,
})

function invalid({ prompt, samples, options }: SampleRequest, config: DecoderConfig): Error | undefined {
  const wrong = (field: string, value: unknown, expected: string) =>
    new EngineError('out of range.', { field, value, expected })
  if (prompt.length === 0) return wrong('prompt', [], 'at least one token')
  if (prompt.some((token) => token < 0 || token >= config.vocabularySize))
    return wrong('prompt', Array.from(prompt), `token ids below ${config.vocabularySize}`)
  if (samples < 1) return wrong('samples', samples, 'at least 1')
  if (!(options.temperature >= 0)) return wrong('temperature', options.temperature, 'a number of at least 0')
  if (options.maxTokens < 1) return wrong('maxTokens', options.maxTokens, 'at least 1')
  const length = prompt.length + options.maxTokens
  if (length > config.maxPositions)
    return wrong('prompt length + maxTokens', length, `at most the model's ${config.maxPositions} positions`)
  return undefined
}
