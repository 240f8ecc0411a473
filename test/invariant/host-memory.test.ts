/** What the CPU engine holds, counted in sessions and bytes: a step more holds no more, and padding is little. */
import * as ort from 'onnxruntime-node'
import { afterEach, expect, it, vi } from 'vitest'
import type { EmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts'
import { positionBytes } from '../../src/engine/embedded/kv-cache.ts'
import { createEmbeddedEngine } from '../../src/engine/embedded/local-engine.ts'
import type { Datum } from '../../src/engine/engine.ts'
import { sizeOf } from '../../src/graph/tensor.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { policyGradient } from '../../src/objectives/policy-gradient.ts'
import { randomStream } from '../../src/random.ts'
import { createOnnxRuntime } from '../../src/runtime/onnx-runtime.ts'
import type { Runtime, State } from '../../src/runtime/runtime.ts'
import { adamw, tinyConfig, tinyEngine } from '../tiny-model.ts'

afterEach(() => vi.restoreAllMocks())

/** A busy machine compiles graphs slowly. */
const LONG = 300_000
const config = tinyConfig('qwen2')
const objective = policyGradient({ klWeight: 0.1, clipLow: 0.2, clipHigh: 0.2 })

/** The CPU's runtime, the bytes of its states (held now, and the most that ever were), and the tokens of each run. */
function counted() {
  const bytes = { now: 0, most: 0 }
  const tokens: number[] = []
  const runtime = (): Runtime => {
    const inner = createOnnxRuntime()
    return {
      ...inner,
      async compile(graph) {
        const program = await inner.compile(graph)
        return {
          ...program,
          run(run = {}) {
            tokens.push(run.feeds?.tokens?.length ?? 0)
            return program.run(run)
          },
        }
      },
      create(...given) {
        const state = inner.create(...given)
        const size = 4 * sizeOf(state.shape)
        bytes.now += size
        bytes.most = Math.max(bytes.most, bytes.now)
        const release = state.release.bind(state)
        return Object.assign(state, {
          release() {
            bytes.now -= size
            release()
          },
        }) satisfies State
      },
    }
  }
  return { bytes, tokens, runtime }
}

/** A GRPO step on prompts and responses of lengths that no other step has. */
async function step(engine: EmbeddedEngine, seed: number): Promise<void> {
  const { integer, normal } = randomStream(seed, 'lengths')
  const prompts = Array.from({ length: integer(2, 5) }, () =>
    Int32Array.from({ length: integer(2, 30) }, () => integer(0, 39)),
  )
  const options = { maxTokens: integer(8, 120), temperature: 1, stopTokens: [0, 1] }
  const samples = integer(2, 6)
  const groups = await engine.sample(prompts.map((prompt, i) => ({ prompt, samples, seed: i, options })))
  const sequences = groups.flatMap((group, p) => group.map(({ tokens }) => [...prompts[p]!, ...tokens]))
  const snapshot = await engine.snapshot()
  await snapshot.logprobs(sequences.map((tokens) => Int32Array.from(tokens)))
  snapshot.close()
  const data = sequences.map((tokens): Datum => {
    const along = (value: number) => new Float32Array(tokens.length - 1).fill(value)
    return {
      tokens: Int32Array.from(tokens),
      weights: along(1 / tokens.length),
      inputs: { advantages: along(normal()), oldLogprobs: along(-3), referenceLogprobs: along(-3) },
    }
  })
  await engine.forwardBackward(data, objective)
  await engine.optimStep(adamw)
}

it(
  'the tenth step compiles nothing, and holds what the first one held',
  async () => {
    const create = vi.spyOn(ort.InferenceSession, 'create')
    const { bytes, runtime } = counted()
    const engine = tinyEngine('qwen2', { runtime, microBatchTokens: 256 })
    await step(engine, 1)
    // Prefill, decoding, scores, training, the norm of the gradient.
    const first = { sessions: create.mock.calls.length, bytes: bytes.now }
    expect(first.sessions).toBe(5)
    for (let seed = 2; seed <= 10; seed++) await step(engine, seed)
    expect({ sessions: create.mock.calls.length, bytes: bytes.now }).toEqual(first)
    engine.close()
  },
  LONG,
)

it(
  'a cache is as large as the sequences that are in it, and gone after them',
  async () => {
    const { bytes, runtime } = counted()
    const engine = tinyEngine('qwen2', { runtime })
    const before = bytes.now
    const options = { maxTokens: 150, temperature: 1, stopTokens: [] }
    const request = { prompt: Int32Array.of(1, 2, 3), samples: 24, seed: 1, options }
    await engine.sample([request])
    expect(bytes.now).toBe(before)
    // 153 positions end in a lane of 160; one plane of the lane that they left is still there when the next is made.
    const whole = 24 * 160 * positionBytes(config)
    expect(bytes.most - before).toBeGreaterThan(whole)
    expect(bytes.most - before).toBeLessThan(2.1 * whole)
    engine.close()
  },
  LONG,
)

it(
  'rows of all lengths are padded by less than a tenth, and a micro-batch has no more tokens than it may',
  async () => {
    const { tokens, runtime } = counted()
    const microBatchTokens = 512
    const engine = tinyEngine('qwen2', { runtime, microBatchTokens })
    const { integer } = randomStream(1, 'sequences')
    const sequences = Array.from({ length: 64 }, () =>
      Int32Array.from({ length: integer(20, 190) }, () => integer(0, 39)),
    )
    await engine.logprobs(sequences)
    expect(Math.max(...tokens)).toBeLessThanOrEqual(microBatchTokens)
    const padded = tokens.reduce((a, b) => a + b, 0)
    const real = sequences.reduce((sum, tokens) => sum + tokens.length - 1, 0)
    expect(padded / real).toBeLessThan(1.1)
    engine.close()
  },
  LONG,
)

it(
  'responses share a long prompt where reading it again would cost more than longer rows, and score as they do alone',
  async () => {
    const { tokens, runtime } = counted()
    // With so many tokens to choose from, each position costs much beside its attention.
    const wide = { ...config, vocabularySize: 20_000, maxPositions: 1024 }
    const engine = createEmbeddedEngine({
      config: wide,
      seed: 1,
      runtime,
      microBatchTokens: 1024,
      minRowLength: 64,
    })
    const { integer } = randomStream(1, 'sequences')
    const draw = (length: number) => Array.from({ length }, () => integer(0, wide.vocabularySize - 1))
    const [prompt, responses] = [draw(115), Array.from({ length: 16 }, () => draw(25))]
    const sequences = responses.map((response) => Int32Array.from([...prompt, ...response]))
    const computed = async <T>(compute: () => Promise<T>): Promise<[T, number]> => {
      tokens.length = 0
      const result = await compute()
      return [result, tokens.reduce((a, b) => a + b, 0)]
    }
    const [apart, inRowsOfTheirOwn] = await computed(() => engine.logprobs(sequences))
    const [shared, inSharedRows] = await computed(() =>
      engine.logprobs(
        sequences,
        sequences.map(() => prompt.length),
      ),
    )
    expect(inRowsOfTheirOwn).toBe(16 * 144)
    // Five responses in each of three rows, and one in the fourth.
    expect(inSharedRows).toBe(4 * 240)
    for (const [i, logprobs] of shared.entries())
      for (const [t, logprob] of logprobs.entries()) expect(logprob).toBeCloseTo(apart[i]![t]!, 4)
    const along = (value: number) =>
      Float32Array.from({ length: prompt.length + 24 }, (_, i) => (i < prompt.length - 1 ? 0 : value))
    const data = sequences.map((sequence) => ({ tokens: sequence, weights: along(1 / 400) }))
    const [, trained] = await computed(() => engine.forwardBackward(data, crossEntropy))
    expect(trained).toBe(inSharedRows)
    engine.close()
  },
  LONG,
)
