import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tinyDeepseekV3, tinyEngine } from '../../../test/tiny-model.ts'
import { openSafetensors } from '../../disk/safetensors.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import type { EmbeddedEngine } from './embedded-engine.ts'
import { createEmbeddedEngine } from './local-engine.ts'
import { readModelConfig } from './model-folder.ts'

const adamw = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  gradientClipNorm: 1,
  expertBiasSpeed: 1e-3,
}

/** Has learned to count in threes, but for a die after every 19. */
async function trained(): Promise<EmbeddedEngine> {
  const engine = createEmbeddedEngine({
    config: tinyDeepseekV3,
    minRowLength: 64,
    auxiliary: { balance: 1e-4, prediction: 0.3 },
  })
  for (let step = 0; step < 60; step++) {
    const batch = Array.from({ length: 4 }, (_, row) => {
      const tokens = Int32Array.from({ length: 40 }, (_, i) => (step + row + 3 * i) % 20)
      return { tokens, weights: new Float32Array(39).fill(1 / 156) }
    })
    await engine.forwardBackward(batch, crossEntropy)
    await engine.optimStep(adamw)
  }
  return engine
}

describe('speculation', async () => {
  const plain = await trained()
  const folder = await mkdtemp(join(tmpdir(), 'r1-speculative-'))
  await plain.save(folder, { dtype: 'F32' })
  const other = createEmbeddedEngine({ config: await readModelConfig(folder), speculate: true })
  await other.load(folder)
  const request = (temperature: number, prompt: number[]) => ({
    prompt: Int32Array.from(prompt),
    samples: 2,
    seed: 5,
    options: { maxTokens: 64 - prompt.length, temperature, stopTokens: [] },
  })

  it.each([
    [0, [1, 4, 7, 10]],
    [0, [3]],
    [1, [0, 3, 6, 9, 12]],
    [1.6, [19, 2]],
  ])('at temperature %f, prompt %j: the same text, up to the last position', async (temperature, prompt) => {
    const requests = [request(temperature, prompt)]
    const [expected] = await plain.sample(requests)
    const [got] = await other.sample(requests)
    got!.forEach((sequence, i) => {
      expect(Array.from(sequence.tokens)).toEqual(Array.from(expected![i]!.tokens))
      sequence.logprobs.forEach((value, t) => {
        expect(value).toBeCloseTo(expected![i]!.logprobs[t]!, 3)
      })
    })
  })

  it('counts what was right: most of a text that both have learned', async () => {
    const before = { ...other.speculation }
    await other.sample([request(0, [1, 4, 7, 10])])
    const drafted = other.speculation.drafted - before.drafted
    const accepted = other.speculation.accepted - before.accepted
    expect(accepted / drafted).toBeGreaterThan(0.8)
    // Two samples of 60 tokens each: as many runs fewer as drafts were right.
    expect(drafted).toBeLessThan(120)
  })

  it('stops at a stop token inside the window', async () => {
    const options = { maxTokens: 20, temperature: 0, stopTokens: [16] }
    const one = [{ prompt: Int32Array.from([1, 4, 7, 10]), samples: 1, seed: 0, options }]
    const [[expected] = []] = await plain.sample(one)
    const [[got] = []] = await other.sample(one)
    expect(Array.from(got!.tokens)).toEqual(Array.from(expected!.tokens))
    expect(got!.stopReason).toBe(expected!.stopReason)
  })

  it('saves the module with its copies of embedding and head; the bias stays float32', async () => {
    const halves = await mkdtemp(join(tmpdir(), 'r1-module-'))
    await plain.save(halves, { dtype: 'F16' })
    const saved = await openSafetensors(halves)
    const same = async (name: string, original: string) => {
      expect(Array.from(await saved.read(name))).toEqual(Array.from(await saved.read(original)))
    }
    await same('model.layers.2.embed_tokens.weight', 'model.embed_tokens.weight')
    await same('model.layers.2.shared_head.head.weight', 'lm_head.weight')
    expect(saved.tensors.get('model.layers.2.eh_proj.weight')).toMatchObject({
      dtype: 'F16',
      shape: [16, 32],
    })
    expect(saved.tensors.get('model.layers.1.mlp.gate.e_score_correction_bias')).toMatchObject({
      dtype: 'F32',
    })
    await saved.close()
    const config = await readFile(join(halves, 'config.json'), 'utf8')
    expect(JSON.parse(config).num_nextn_predict_layers).toBe(1)
    expect(config).toContain('"routed_scaling_factor": 1.0,')
    await rm(halves, { recursive: true })
    await rm(folder, { recursive: true })
  })

  it('is refused for a model that cannot', () => {
    expect(() => tinyEngine('llama', { speculate: true })).toThrow(
      /^speculate: this model has no module that drafts tokens\./,
    )
  })
})
