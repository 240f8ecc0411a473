/** What must hold for every architecture, whatever its layers are. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { TensorStore } from '../../src/disk/tensor-store.ts'
import { createEmbeddedEngine } from '../../src/engine/embedded/local-engine.ts'
import { openTensors } from '../../src/engine/embedded/model-folder.ts'
import { numWeights, readWeights, writeWeights } from '../../src/engine/embedded/weights.ts'
import type { DecoderConfig } from '../../src/model/config.ts'
import { decoderConfigFromHuggingFace, decoderConfigToHuggingFace } from '../../src/model/config-json.ts'
import { openGgufModel } from '../../src/model/gguf.ts'
import { parameterSpecs } from '../../src/model/parameters.ts'
import { writeGgufModel } from '../../src/model/write-gguf-model.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { randomStream } from '../../src/random.ts'
import { adamw, tinyEngine, tinyGroupedQuery } from '../tiny-model.ts'

const { integer } = randomStream(4, 'architectures')
const tokens = (length: number) => Array.from({ length }, () => integer(0, 39))

/** Three responses to one prompt, whose tokens they share in a row, and a sequence alone; all longer than a window. */
const prompt = tokens(13)
const data = [...[12, 25, 9].map((length) => [...prompt, ...tokens(length)]), tokens(31)].map(
  (sequence, i) => ({
    tokens: Int32Array.from(sequence),
    weights: new Float32Array(sequence.length - 1).fill(0.02, i < 3 ? prompt.length - 1 : 0),
  }),
)
const sequences = data.map((datum) => datum.tokens)
const folder = await mkdtemp(join(tmpdir(), 'r1-architectures-'))
afterAll(() => rm(folder, { recursive: true }))

const gap = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))

/** A busy machine compiles graphs slowly. */
const LONG = 300_000

describe.each(['qwen3', 'qwen3_moe', 'mistral', 'smollm3', 'gemma3_text'] as const)('%s', (architecture) => {
  it(
    'a shared prompt and a packed row change no gradient',
    async () => {
      const engine = tinyEngine(architecture)
      const together = (await engine.forwardBackward(data, crossEntropy)).logprobs
      const gradient = await readWeights(engine.gradient)
      writeWeights(engine.gradient, new Float32Array(numWeights(engine.gradient)))
      for (const [i, datum] of data.entries()) {
        const { logprobs } = await engine.forwardBackward([datum], crossEntropy)
        const from = i < 3 ? prompt.length - 1 : 0
        expect(gap(logprobs[0]!.subarray(from), together[i]!.subarray(from))).toBeLessThan(2e-5)
      }
      expect(gap(await readWeights(engine.gradient), gradient)).toBeLessThan(5e-5)
      engine.close()
    },
    LONG,
  )

  it(
    'what the sampler says of its tokens is what training says of them',
    async () => {
      const engine = tinyEngine(architecture)
      const options = { maxTokens: 40, temperature: 1, stopTokens: [] }
      const request = { prompt: Int32Array.from(prompt), samples: 3, seed: 5, options }
      const [samples] = await engine.sample([request])
      const scored = await engine.logprobs(
        samples!.map((sample) => Int32Array.from([...prompt, ...sample.tokens])),
      )
      for (const [i, { logprobs }] of samples!.entries())
        expect(gap(logprobs, scored[i]!.subarray(prompt.length - 1))).toBeLessThan(1e-4)
      engine.close()
    },
    LONG,
  )

  it(
    'an adapter learns, and merged it says what training says',
    async () => {
      const lora = { rank: 2, alpha: 4, targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj'] }
      const engine = tinyEngine(architecture, { lora })
      const losses: number[] = []
      for (let i = 0; i < 6; i++) {
        losses.push((await engine.forwardBackward(data, crossEntropy)).loss)
        await engine.optimStep(adamw)
      }
      expect(losses.at(-1)).toBeLessThan(0.97 * losses[0]!)
      const merged = await engine.logprobs(sequences)
      const { logprobs } = await engine.forwardBackward(data, crossEntropy)
      for (const [i, values] of merged.entries())
        expect(gap(values.subarray(prompt.length), logprobs[i]!.subarray(prompt.length))).toBeLessThan(5e-5)
      engine.close()
    },
    LONG,
  )

  it('its config.json is read as it was written', () => {
    const config = tinyGroupedQuery(architecture)
    expect(decoderConfigFromHuggingFace(decoderConfigToHuggingFace(config))).toEqual(config)
  })
})

/** The shapes that llama.cpp knows of each. */
const inGguf = {
  qwen3: tinyGroupedQuery('qwen3'),
  qwen3_moe: { ...tinyGroupedQuery('qwen3_moe'), denseLayers: [] },
  smollm3: { ...tinyGroupedQuery('smollm3'), numLayers: 4, layersWithoutRope: [3] },
  gemma3_text: {
    ...tinyGroupedQuery('gemma3_text'),
    numLayers: 6,
    globalLayers: [5],
    localRopeTheta: 10_000,
    queryScale: 8,
    ropeScaling: { type: 'linear', factor: 8 },
  },
} as Record<string, DecoderConfig>

const written = (name: string, config: DecoderConfig, tensors: TensorStore = zeros) =>
  writeGgufModel(join(folder, `${name}.gguf`), { config, tensors, name, tokenizer: new Map(), dtype: 'F32' })
const zeros: TensorStore = {
  tensors: new Map(),
  read: async (_, shape = []) => new Float32Array(shape.reduce((a, b) => a * b, 1)),
  close: async () => {},
}

it.each(Object.entries(inGguf))('%s: a GGUF file is the model that it was made of', async (name, config) => {
  const engine = createEmbeddedEngine({ config, seed: 3 })
  await engine.save(join(folder, name))
  engine.close()
  const tensors = await openTensors(join(folder, name))
  await written(name, config, tensors)
  const model = await openGgufModel(join(folder, `${name}.gguf`))
  expect(model.config).toEqual(config)
  for (const { name, shape } of parameterSpecs(config))
    expect(gap(await model.tensors.read(name, shape), await tensors.read(name, shape)), name).toBeLessThan(
      1e-6,
    )
  await Promise.all([tensors.close(), model.tensors.close()])
})

it('Mistral is a Llama in GGUF, as far as its window reaches', async () => {
  await written('mistral', tinyGroupedQuery('mistral'))
  const model = await openGgufModel(join(folder, 'mistral.gguf'))
  expect(model.config).toMatchObject({ architecture: 'llama', maxPositions: 9 })
  await model.tensors.close()
})

it.each([
  ['layer_types', { ...inGguf.gemma3_text, globalLayers: [1] }],
  ['rope_local_base_freq', { ...inGguf.gemma3_text, localRopeTheta: 100 }],
  ['query_pre_attn_scalar', { ...inGguf.gemma3_text, queryScale: 12 }],
  ['no_rope_layers', { ...inGguf.smollm3, layersWithoutRope: [1] }],
  ['experts', { ...inGguf.qwen3_moe, denseLayers: [0] }],
])('%s: what llama.cpp would take for another model is not written', async (field, config) => {
  await expect(written('refused', config as DecoderConfig)).rejects.toThrow(
    new RegExp(`config\\.json: ${field}: llama\\.cpp has no such model`),
  )
})
