/** Sampling in int8 against the float64 interpreter of the same rounded graph, and against the model in float32. */
import { describe, expect, it } from 'vitest'
import { tinyConfig, tinyDeepseekV3, tinyEngine } from '../../../test/tiny-model.ts'
import { evaluate } from '../../graph/evaluate.ts'
import { ropeTables } from '../../model/rope.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import { createOnnxRuntime } from '../../runtime/onnx-runtime.ts'
import { packRows, rowArrays } from '../packing.ts'
import type { EmbeddedEngine } from './embedded-engine.ts'
import { createInt8Weights, withInt8Products } from './int8-weights.ts'
import { createEmbeddedEngine } from './local-engine.ts'
import { rowFeeds, scoreGraph } from './train-step.ts'
import { numWeights } from './weights.ts'

const prompts = [
  [3, 17, 5, 30, 8],
  [11, 2],
].map((tokens) => Int32Array.from(tokens))
const request = (prompt: Int32Array) => ({
  prompt,
  samples: 4,
  seed: 7,
  options: { maxTokens: 20, temperature: 1, stopTokens: [] },
})
const drawn = async (engine: Pick<EmbeddedEngine, 'sample'>, asked = prompts) =>
  (await engine.sample(asked.map(request))).flat()

/** log π of the response's tokens by the interpreter, on weights that were rounded on their own. */
async function interpreted(engine: EmbeddedEngine, tokens: Int32Array, from: number): Promise<number[]> {
  const { config, weights } = engine
  const length = 64
  const graph = withInt8Products(scoreGraph(config, weights.specs, 1, length, {}))
  const int8 = createInt8Weights(createOnnxRuntime(), config, weights)
  await int8.update()
  const data = [{ tokens, weights: new Float32Array(tokens.length - 1) }]
  const { cos, sin } = ropeTables(config)
  const feeds: Record<string, number[]> = {}
  for (const [name, state] of Object.entries(int8.states)) feeds[name] = Array.from(await state.read())
  for (const [name, values] of Object.entries(rowFeeds(rowArrays(data, packRows(data, length), length))))
    feeds[name] = Array.from(values as Float32Array, Number)
  const [logprobs] = evaluate([graph.outputs!.logprobs!], { ...feeds, cos, sin })
  return Array.from(logprobs!.subarray(from, tokens.length - 1))
}

describe.each(['llama', 'qwen2'] as const)('%s', (architecture) => {
  it('reports log-probabilities of the rounded model, which are near the exact ones and are not they', async () => {
    const engine = tinyEngine(architecture)
    const sequences = await drawn(engine.int8Sampler())
    const gaps: number[] = []
    for (const [i, { tokens, logprobs, samplingLogprobs }] of sequences.entries()) {
      const prompt = prompts[Math.floor(i / 4)]!
      const whole = Int32Array.from([...prompt, ...tokens])
      const expected = await interpreted(engine, whole, prompt.length - 1)
      const [exact] = await engine.logprobs([whole])
      logprobs.forEach((value, t) => {
        expect(Math.abs(value - expected[t]!)).toBeLessThan(1e-3)
        expect(Math.abs(value - samplingLogprobs[t]!)).toBeLessThan(1e-4)
        gaps.push(Math.abs(value - exact![prompt.length - 1 + t]!))
      })
    }
    const mean = gaps.reduce((total, gap) => total + gap, 0) / gaps.length
    expect(mean).toBeGreaterThan(5e-3)
    expect(mean).toBeLessThan(0.1)
    engine.close()
  })
})

it('a sample does not depend on its neighbours', async () => {
  const engine = tinyEngine('llama')
  const sampler = engine.int8Sampler()
  const together = await drawn(sampler)
  const apart = [...(await drawn(sampler, [prompts[0]!])), ...(await drawn(sampler, [prompts[1]!]))]
  expect(together.map(({ tokens }) => tokens)).toEqual(apart.map(({ tokens }) => tokens))
  engine.close()
})

it.each([undefined, { rank: 2, alpha: 64, targets: ['all-linear'] }])(
  'follows updates, adapters %j',
  async (lora) => {
    const engine = tinyEngine('llama', { lora })
    const sampler = engine.int8Sampler()
    await drawn(sampler)
    // A text of one token over and over becomes the likeliest one.
    const data = [{ tokens: new Int32Array(40).fill(9), weights: new Float32Array(39).fill(1 / 39) }]
    for (let i = 0; i < 30; i++) {
      await engine.forwardBackward(data, crossEntropy)
      await engine.optimStep({
        learningRate: 0.03,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        weightDecay: 0,
        gradientClipNorm: 1,
      })
    }
    const [[greedy] = []] = await sampler.sample([
      {
        prompt: Int32Array.from([9, 9, 9]),
        samples: 1,
        seed: 1,
        options: { maxTokens: 8, temperature: 0, stopTokens: [] },
      },
    ])
    expect(Array.from(greedy!.tokens)).toEqual(new Array(8).fill(9))
    engine.close()
  },
)

it('DeepSeek-V3 keeps experts in float32 and rounds the rest', async () => {
  const engine = createEmbeddedEngine({ config: tinyDeepseekV3, minRowLength: 64, seed: 3 })
  const { states } = createInt8Weights(createOnnxRuntime(), tinyDeepseekV3, engine.weights)
  const rounded = Object.keys(states).filter((name) => name.startsWith('int8:'))
  expect(rounded).toContain('int8:lm_head.weight')
  expect(rounded).toContain('int8:model.layers.0.self_attn.o_proj.weight')
  expect(rounded.some((name) => /experts\.\d/.test(name))).toBe(false)
  const [[sequence] = []] = await engine
    .int8Sampler()
    .sample([{ ...request(Int32Array.from([3, 5])), samples: 1 }])
  expect(sequence!.tokens).toHaveLength(20)
  engine.close()
})

it('a matrix of zeros stays one', async () => {
  const config = tinyConfig('llama')
  const engine = createEmbeddedEngine({
    config,
    weights: new Float32Array(numWeights(tinyEngine('llama').weights)),
  })
  const [[sequence] = []] = await engine.int8Sampler().sample([request(prompts[0]!)])
  for (const value of sequence!.logprobs) expect(value).toBeCloseTo(-Math.log(config.vocabularySize), 5)
  engine.close()
})
