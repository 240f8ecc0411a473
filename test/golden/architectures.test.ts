/** The embedded engine against transformers on tiny random checkpoints; tools/hf_golden.py makes the fixtures. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSafetensors } from '../../src/disk/safetensors.ts'
import { createEmbeddedEngine } from '../../src/engine/embedded/local-engine.ts'
import { readModelConfig } from '../../src/engine/embedded/model-folder.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'

interface Golden {
  sequences: number[][]
  weights: number[][]
  loss: number
  gradientNorm: number
  greedy: { prompt: number[]; tokens: number[] }
  adamw: {
    learningRate: number
    beta1: number
    beta2: number
    epsilon: number
    weightDecay: number
    gradientClipNorm: number
    losses: number[]
    gradientNorms: number[]
  }
}

const FIXTURES = join(import.meta.dirname, 'fixtures')

describe.each([
  'llama-tiny',
  'qwen2-tiny',
  'qwen2-tied-tiny',
  'deepseek-v3-tiny',
  'deepseek-v3-plain-q-tiny',
  'qwen3-tiny',
  'qwen3-tied-tiny',
  'qwen3-moe-tiny',
  'mistral-tiny',
  'smollm3-tiny',
  'gemma3-tiny',
])('%s', (name) => {
  const folder = join(FIXTURES, name)
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden
  const data = golden.sequences.map((tokens, i) => ({
    tokens: Int32Array.from(tokens),
    weights: Float32Array.from(golden.weights[i]!),
  }))
  const open = async () => {
    const engine = createEmbeddedEngine({ config: await readModelConfig(folder), minRowLength: 32 })
    await engine.load(folder)
    return engine
  }

  it('gives the same log-probabilities to 1e-4', async () => {
    const engine = await open()
    const expected = await openSafetensors(join(folder, 'golden.safetensors'))
    const logprobs = await engine.logprobs(data.map(({ tokens }) => tokens))
    for (const [s, values] of logprobs.entries())
      expect(largestGap(values, await expected.read(`logprobs.${s}`))).toBeLessThan(1e-4)
    await expected.close()
    engine.close()
  })

  it("gives every parameter's gradient to 1e-3 relative", async () => {
    const engine = await open()
    const { loss } = await engine.forwardBackward(data, crossEntropy)
    expect(loss).toBeCloseTo(golden.loss, 4)
    const expected = await openSafetensors(join(folder, 'golden.safetensors'))
    for (const { name } of engine.weights.specs) {
      if (name.endsWith('e_score_correction_bias')) continue
      const gradient = await expected.read(`gradient.${name}`)
      const scale = Math.max(...gradient.map(Math.abs))
      expect(largestGap(await engine.gradient.states[name]!.read(), gradient) / scale, name).toBeLessThan(
        1e-3,
      )
    }
    await expected.close()
    engine.close()
  })

  it('speaks the same greedy text over 64 tokens', async () => {
    const engine = await open()
    const { prompt, tokens } = golden.greedy
    const options = { maxTokens: tokens.length, temperature: 0, stopTokens: [] }
    const [[sampled] = []] = await engine.sample([
      { prompt: Int32Array.from(prompt), samples: 1, seed: 0, options },
    ])
    expect(Array.from(sampled!.tokens)).toEqual(tokens)
    engine.close()
  })

  it('follows the same 20 AdamW steps', async () => {
    const engine = await open()
    const { losses, gradientNorms, ...adamw } = golden.adamw
    for (const [step, expected] of losses.entries()) {
      const { loss } = await engine.forwardBackward(data, crossEntropy)
      const { gradientNorm } = await engine.optimStep(adamw)
      expect(Math.abs(loss - expected), `loss of step ${step}`).toBeLessThan(1e-3)
      expect(Math.abs(gradientNorm / gradientNorms[step]! - 1), `norm of step ${step}`).toBeLessThan(1e-2)
    }
    engine.close()
  })

  it('comes back whole from a folder it wrote, optimiser included', async () => {
    const engine = await open()
    const { losses: _, gradientNorms: __, ...adamw } = golden.adamw
    const step = async (e: typeof engine) => {
      const { loss } = await e.forwardBackward(data, crossEntropy)
      await e.optimStep(adamw)
      return loss
    }
    await step(engine)
    const saved = await mkdtemp(join(tmpdir(), 'r1-checkpoint-'))
    await engine.save(saved, { optimizer: true })
    const other = createEmbeddedEngine({ config: await readModelConfig(saved), seed: 9, minRowLength: 32 })
    await other.load(saved, { optimizer: true })
    const [a, b] = [
      [await step(engine), await step(engine)],
      [await step(other), await step(other)],
    ]
    expect(b).toEqual(a)
    await rm(saved, { recursive: true })
  })
})

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let gap = 0
  for (let i = 0; i < a.length; i++) gap = Math.max(gap, Math.abs(a[i]! - b[i]!))
  return gap
}
