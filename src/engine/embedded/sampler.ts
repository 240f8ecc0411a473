/**
 * Sampling with continuous batching: a finished sequence gives its slot to the next one at once. The responses of a
 * request share one prefill of their prompt. Requests may be added at any time, from any number of callers.
 */
import { EngineError } from '../../errors.ts'
import { type DrawnToken, drawnAt } from '../../graph/draw.ts'
import { architectureOf } from '../../model/architectures.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { randomStream } from '../../random.ts'
import type { State } from '../../runtime/runtime.ts'
import type { SampledSequence, SampleRequest, StopReason, TokenLogprob } from '../engine.ts'
import { checkDrawn, drawOptions, LEAST_TEMPERATURE } from '../sampling.ts'
import { turn } from '../turn.ts'
import { alternativesBucket, decodeGraph, planeName, prefillGraph, readLikeliest } from './decode-graph.ts'
import { type Int8Weights, withInt8Products } from './int8-weights.ts'
import { createLanes, type Lane, MAX_SLOTS, slotBucket, slotLimit } from './lanes.ts'
import { changedPrograms, type Programs } from './programs.ts'
import { numWeights, type Weights } from './weights.ts'

const PREFILL_ROWS = [1, 4, 16]
const PREFILL_STEP = 32

/** Tokens that a device computes before it is asked for the first of them. */
const AHEAD = 4

/** A prompt's keys and values: row `row` of a prefill of prompts padded to `length`. */
interface Prefilled {
  planes: Planes
  row: number
  length: number
}

/** What one prefill computed, until all requests that it was for have opened their slots. */
interface Planes {
  states: State[]
  users: Set<Pending>
}

interface Pending {
  request: SampleRequest
  /** The same for requests with the same prompt. */
  prompt: string
  results: SampledSequence[]
  nextSample: number
  unfinished: number
  /** Its caller has the error; what is left of it leaves at its next turn. */
  failed?: boolean
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

interface Drawn extends DrawnToken {
  likeliest: TokenLogprob[]
}

export interface Sampler {
  submit(request: SampleRequest): Promise<SampledSequence[]>
}

export interface SamplerOptions {
  /** So few slots decode together that their logits take no more bytes. */
  logitBytes: number
  /** Every product is computed with these weights, which were rounded from the sampler's. */
  int8?: Int8Weights
}

export function createSampler(
  config: DecoderConfig,
  weights: Weights,
  constants: Readonly<Record<string, State>>,
  programs: Programs,
  { logitBytes, int8 }: SamplerOptions,
): Sampler {
  const { specs } = weights
  const { runtime } = programs
  const { opensSizes } = runtime
  const { get: compiled } =
    int8 === undefined ? programs : changedPrograms(programs, 'int8', withInt8Products)
  const lanes = createLanes<Slot>(runtime, config, 4 * numWeights(weights))
  const held = { ...(int8 ?? weights).states, ...constants }
  const ahead = runtime.memory === 'device' ? AHEAD : 1
  const queue: Pending[] = []
  let running = false

  /** Runs until nothing is left to do. */
  async function pump(): Promise<void> {
    running = true
    try {
      while (queue.length > 0 || slots().length > 0) {
        // Requests that came while a graph ran are heard before the next one starts.
        await turn()
        await admit()
        lanes.regroup()
        for (const lane of lanes.occupied()) await stepOrFail(lane)
      }
    } catch (error) {
      for (const pending of new Set([...queue, ...slots().map((slot) => slot.pending)])) {
        fail(pending, error)
        leave(pending)
      }
      queue.length = 0
    } finally {
      lanes.reset()
      running = false
    }
  }

  async function admit(): Promise<void> {
    const limit = mostSlots()
    let free = limit - slots().length
    const admitted: Pending[] = []
    let expected = 0
    for (const pending of queue) {
      if (expected >= free) break
      admitted.push(pending)
      expected += pending.request.samples - pending.nextSample
    }
    await prefill(admitted.filter((pending) => pending.prefilled === undefined && !aborted(pending)))
    for (const pending of admitted) {
      const { request, results } = pending
      while (pending.nextSample < request.samples && (free > 0 || aborted(pending))) {
        const sample = pending.nextSample++
        if (aborted(pending)) {
          results[sample] = finished([], [], [], 'aborted')
          settle(pending)
        } else open(pending, sample, Math.min(free--, expected))
        expected--
      }
      if (pending.nextSample === request.samples) {
        queue.splice(queue.indexOf(pending), 1)
        leave(pending)
      }
    }
  }

  const slots = (): Slot[] => lanes.occupied().flatMap((lane) => lane.slots)

  function mostSlots(): number {
    const lengthOf = ({ request }: Pending) => request.prompt.length + request.options.maxTokens
    const longest = [...queue, ...slots().map(({ pending }) => pending)].reduce(
      (most, pending) => Math.max(most, lengthOf(pending)),
      1,
    )
    return slotLimit(config, longest, logitBytes)
  }

  /** Requests with the same prompt share its prefill, those that still wait for a slot included. */
  async function prefill(pendings: Pending[]): Promise<void> {
    if (pendings.length === 0) return
    const byPrompt = new Map<string, Pending[]>(pendings.map(({ prompt }) => [prompt, []]))
    for (const pending of queue)
      if (pending.prefilled === undefined) byPrompt.get(pending.prompt)?.push(pending)
    const prompts = [...byPrompt.values()]
    for (let start = 0; start < prompts.length; start += PREFILL_ROWS.at(-1)!) {
      const batch = prompts.slice(start, start + PREFILL_ROWS.at(-1)!)
      try {
        await prefillBatch(batch)
      } catch (error) {
        for (const pending of batch.flat()) fail(pending, error)
      }
    }
  }

  async function prefillBatch(batch: readonly Pending[][]): Promise<void> {
    const rows = opensSizes ? batch.length : PREFILL_ROWS.find((size) => size >= batch.length)!
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
    const program = await compiled('prefill', { rows, length }, ({ rows, length }) =>
      prefillGraph(config, specs, rows, length, runtime.fusesAttention),
    )
    const { planes: numPlanes, heads, size } = architectureOf(config).cache
    const planes: Planes = {
      states: Array.from({ length: config.numLayers * numPlanes }, () =>
        runtime.create([rows, heads, length, size]),
      ),
      users: new Set(batch.flat()),
    }
    const states = Object.fromEntries(
      planes.states.map((plane, i) => [planeName('prefilled', config, i), plane]),
    )
    await program.run({ feeds: { tokens, positions }, states: { ...held, ...states } })
    batch.forEach((same, row) => {
      for (const pending of same) pending.prefilled = { planes, row, length }
    })
  }

  /** The last one that a prefill was for gives its memory back. */
  function leave(pending: Pending): void {
    const planes = pending.prefilled?.planes
    if (planes?.users.delete(pending) !== true || planes.users.size > 0) return
    for (const plane of planes.states) plane.release()
  }

  /** `expected` slots, this one included, are about to be opened. */
  function open(pending: Pending, sample: number, expected: number): void {
    const { prompt, seed, options } = pending.request
    const { planes, row, length } = pending.prefilled!
    const position = prompt.length - 1
    const slot = {
      pending,
      sample,
      uniform: randomStream(seed, 'sample', sample).uniform,
      stopTokens: new Set(options.stopTokens),
      token: prompt[position]!,
      position,
      tokens: [],
      logprobs: [],
      samplingLogprobs: [],
    }
    const { lane, index } = lanes.add(slot, expected)
    lane.cache.write(index, planes.states, row, length, position)
  }

  /** A lane that cannot be computed fails the requests in it and no others. */
  async function stepOrFail(lane: Lane<Slot>): Promise<void> {
    try {
      await step(lane)
    } catch (error) {
      for (const { pending } of lane.slots) fail(pending, error)
      lane.slots.length = 0
    }
  }

  /** One more token for every slot of a lane, or several where the device need not wait for each. */
  async function step(lane: Lane<Slot>): Promise<void> {
    const { cache, slots } = lane
    const { capacity } = cache
    const width = opensSizes ? slots.length : slotBucket(slots.length)
    const rounds = roundsOf(lane)
    const tokens = new BigInt64Array(width)
    const positions = new BigInt64Array(width)
    const uniforms = new Float64Array(rounds * width)
    slots.forEach(({ token, position, pending, uniform }, b) => {
      tokens[b] = BigInt(token)
      positions[b] = BigInt(position)
      if (pending.request.options.temperature > 0)
        for (let round = 0; round < rounds; round++) uniforms[round * width + b] = uniform()
    })
    const asked = slots.map(({ pending }) => pending.request.alternatives ?? 0)
    const alternatives = alternativesBucket(Math.max(...asked), config.vocabularySize)
    const program = await compiled(`decode+${alternatives}`, { width, capacity }, ({ width, capacity }) =>
      decodeGraph(config, specs, width, capacity, alternatives, runtime.fusesAttention, ahead > 1),
    )
    const outputs = await program.run({
      feeds: { tokens, positions, uniforms },
      states: { ...held, ...cache.states, sampling: samplingOf(lane) },
      rounds,
    })
    const ends: (StopReason | undefined)[] = []
    for (let first = 0; first < rounds * width; first += width)
      for (let b = slots.length - 1; b >= 0; b--) {
        if (ends[b] !== undefined) continue
        const likeliest = readLikeliest(outputs, alternatives, first + b, asked[b]!)
        ends[b] = advanceOrFail(slots[b]!, { ...drawnAt(outputs.drawn!, first + b), likeliest })
      }
    // Backwards, since a finished slot is replaced by the last one.
    for (let b = slots.length - 1; b >= 0; b--) {
      const [slot, reason] = [slots[b]!, ends[b]]
      if (reason === undefined) continue
      slot.pending.results[slot.sample] = finished(slot.tokens, slot.logprobs, slot.samplingLogprobs, reason)
      settle(slot.pending)
      lanes.remove(lane, b)
    }
  }

  /** What follows a sequence's end is computed for nothing, and no slot may leave its cache. */
  function roundsOf({ cache, slots }: Lane<Slot>): number {
    const room = slots.map(({ position }) => cache.capacity - position)
    const wanted = slots.map(({ tokens, pending }) => pending.request.options.maxTokens - tokens.length)
    return Math.max(1, Math.min(ahead, ...room, Math.max(...wanted)))
  }

  /** How each slot's token is drawn; written only where it differs from what the device has. */
  function samplingOf(lane: Lane<Slot>): State {
    const values = new Float32Array(3 * MAX_SLOTS)
    lane.slots.forEach(({ pending }, b) => {
      const { inverseTemperature, topK, topP } = drawOptions(pending.request.options)
      values.set([inverseTemperature, topK, topP], 3 * b)
    })
    lane.sampling ??= { state: runtime.create([MAX_SLOTS, 3]), values: new Float32Array(3 * MAX_SLOTS) }
    if (values.some((value, i) => value !== lane.sampling!.values[i])) {
      lane.sampling.state.write(values)
      lane.sampling.values = values
    }
    return lane.sampling.state
  }

  /** Scores that cannot be drawn from and callbacks that throw are their own request's failure. */
  function advanceOrFail(slot: Slot, drawn: Drawn): StopReason | undefined {
    try {
      return advance(slot, drawn)
    } catch (error) {
      fail(slot.pending, error)
      return 'aborted'
    }
  }

  /** Takes the slot's next token; says why the sequence ends where it does. */
  function advance(slot: Slot, drawn: Drawn): StopReason | undefined {
    const { request } = slot.pending
    if (aborted(slot.pending)) return 'aborted'
    const { token, logprob, samplingLogprob, likeliest } = checkDrawn(drawn)
    slot.tokens.push(token)
    slot.logprobs.push(logprob)
    slot.samplingLogprobs.push(samplingLogprob)
    slot.token = token
    slot.position++
    request.onToken?.(slot.sample, token, logprob, likeliest)
    if (slot.stopTokens.has(token)) return 'stop'
    return slot.tokens.length >= request.options.maxTokens ? 'length' : undefined
  }

  function fail(pending: Pending, error: unknown): void {
    pending.failed = true
    pending.reject(error)
  }

  function settle(pending: Pending): void {
    if (--pending.unfinished === 0) pending.resolve(pending.results)
  }

  return {
    submit(request) {
      const problem = invalidRequest(request, config)
      if (problem !== undefined) return Promise.reject(problem)
      return new Promise((resolve, reject) => {
        const { samples } = request
        const prompt = request.prompt.join()
        queue.push({ request, prompt, results: [], nextSample: 0, unfinished: samples, resolve, reject })
        // It waits for a turn of the event loop, so that requests submitted together are prefilled together.
        if (!running) void pump()
      })
    },
  }
}

const aborted = ({ request, failed }: Pending) => failed === true || request.signal?.aborted === true

export const finished = (
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

/** What is wrong with a request, if anything. */
export function invalidRequest(
  { prompt, samples, options }: SampleRequest,
  config: DecoderConfig,
): Error | undefined {
  const wrong = (field: string, value: unknown, expected: string) =>
    new EngineError('out of range.', { field, value, expected })
  if (prompt.length === 0) return wrong('prompt', [], 'at least one token')
  if (prompt.some((token) => token < 0 || token >= config.vocabularySize))
    return wrong('prompt', Array.from(prompt), `token ids below ${config.vocabularySize}`)
  if (samples < 1) return wrong('samples', samples, 'at least 1')
  const { temperature } = options
  if (!(temperature === 0 || (temperature >= LEAST_TEMPERATURE && temperature < Number.POSITIVE_INFINITY)))
    return wrong('temperature', temperature, `0, or a number of at least ${LEAST_TEMPERATURE}`)
  if (options.maxTokens < 1) return wrong('maxTokens', options.maxTokens, 'at least 1')
  const length = prompt.length + options.maxTokens
  if (length > config.maxPositions)
    return wrong('prompt length + maxTokens', length, `at most the model's ${config.maxPositions} positions`)
  return undefined
}
