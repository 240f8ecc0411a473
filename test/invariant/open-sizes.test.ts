/** One program for all sizes computes what a program for each of them does. */
import { afterAll, describe, expect, it } from 'vitest'
import type { EmbeddedEngine, EmbeddedEngineOptions } from '../../src/engine/embedded/embedded-engine.ts'
import { createEmbeddedEngine } from '../../src/engine/embedded/local-engine.ts'
import { readWeights } from '../../src/engine/embedded/weights.ts'
import type { Datum } from '../../src/engine/engine.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { policyGradient } from '../../src/objectives/policy-gradient.ts'
import { randomStream } from '../../src/random.ts'
import { createOnnxRuntime } from '../../src/runtime/onnx-runtime.ts'
import { tinyDeepseekV3, tinyEngine } from '../tiny-model.ts'

/** A busy machine compiles graphs slowly. */
const LONG = 300_000
const lora = { rank: 3, alpha: 6, targets: ['all-linear'] }
const closed = () => ({ ...createOnnxRuntime(), opensSizes: false })

const MODELS: [string, (options: Partial<EmbeddedEngineOptions>) => EmbeddedEngine][] = [
  ['Llama', (options) => tinyEngine('llama', options)],
  ['Qwen2 with adapters', (options) => tinyEngine('qwen2', { lora, ...options })],
  [
    'recomputed, with logits in parts',
    (options) => tinyEngine('llama', { recompute: true, logitBytes: 4000, ...options }),
  ],
  [
    'DeepSeek-V3',
    (options) =>
      createEmbeddedEngine({
        config: tinyDeepseekV3,
        auxiliary: { balance: 0.1, prediction: 0.3 },
        ...options,
      }),
  ],
]

const engines: EmbeddedEngine[] = []
afterAll(() => {
  for (const engine of engines) engine.close()
})

const { integer, normal } = randomStream(6, 'open')
const data = [
  [4, 20],
  [4, 3],
  [9, 40],
  [30, 12],
  [2, 1],
].map(([prompt = 0, response = 0]): Datum => {
  const n = prompt + response
  const along = (value: number) => new Float32Array(n).fill(value)
  return {
    tokens: Int32Array.from({ length: n + 1 }, () => integer(0, 19)),
    weights: new Float32Array(n).fill(1 / response, prompt),
    inputs: { advantages: along(normal()), oldLogprobs: along(-3), referenceLogprobs: along(-3.1) },
  }
})
const objectives = [crossEntropy, policyGradient({ ratio: 'sequence', klWeight: 0.1, entropyWeight: 0.1 })]

async function computed(engine: EmbeddedEngine) {
  engines.push(engine)
  const numbers: ArrayLike<number>[] = []
  for (const objective of objectives) {
    const { loss, logprobs, entropy, statistics } = await engine.forwardBackward(data, objective)
    numbers.push([loss, entropy, ...Object.values(statistics)], ...logprobs)
  }
  numbers.push(
    await readWeights(engine.gradient),
    ...(await engine.logprobs(data.map(({ tokens }) => tokens))),
  )
  const options = { maxTokens: 40, temperature: 0.7, stopTokens: [0] }
  const sampled = await engine.sample(
    data.map(({ tokens }, seed) => ({
      prompt: tokens.slice(0, 8),
      samples: 3,
      seed,
      options,
      alternatives: 2,
    })),
  )
  return { numbers, sampled: sampled.flat() }
}

describe.each(MODELS)('%s', (_, engineOf) => {
  it(
    'trains, scores and samples alike',
    async () => {
      const open = await computed(engineOf({ microBatchTokens: 128 }))
      const fixed = await computed(engineOf({ microBatchTokens: 128, runtime: closed }))
      const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
        expect(a.length).toBe(b.length)
        const size = Math.max(1, ...Array.from(b, Math.abs))
        for (let i = 0; i < b.length; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThan(3e-5 * size)
      }
      expect(open.numbers.length).toBe(fixed.numbers.length)
      for (const [i, values] of open.numbers.entries()) close(values, fixed.numbers[i]!)
      open.sampled.forEach(({ tokens, logprobs }, i) => {
        expect(tokens).toEqual(fixed.sampled[i]!.tokens)
        close(logprobs, fixed.sampled[i]!.logprobs)
      })
    },
    LONG,
  )
})
