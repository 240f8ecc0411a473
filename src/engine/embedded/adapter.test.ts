/** Low-rank adapters against the full gradient. Against PEFT: test/golden/adapter.test.ts. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { adamw, tinyDeepseekV3, tinyEngine } from '../../../test/tiny-model.ts'
import { ConfigError } from '../../errors.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import { randomStream } from '../../random.ts'
import { createEmbeddedEngine } from './local-engine.ts'
import { numWeights, readWeights, writeWeights } from './weights.ts'

const lora = { rank: 3, alpha: 6, targets: ['q_proj', 'down_proj'] }
const stream = randomStream(2, 'adapter')
const data = [30, 44].map((length) => ({
  tokens: Int32Array.from({ length }, () => stream.integer(0, 39)),
  weights: new Float32Array(length - 1).fill(1 / length),
}))
const tokens = data.map((datum) => datum.tokens)
const folder = await mkdtemp(join(tmpdir(), 'r1-adapter-'))
afterAll(() => rm(folder, { recursive: true }))

describe.each(['llama', 'qwen2'] as const)('%s', (architecture) => {
  it('starts at the base, learns, leaves the base as it is; merged it is a model of the same speech', async () => {
    const base = tinyEngine(architecture)
    const engine = tinyEngine(architecture, { lora })
    const before = await base.logprobs(tokens)
    expect(await engine.logprobs(tokens)).toEqual(before)
    const reference = await engine.snapshot()
    const frozen = await readWeights(engine.weights)
    const losses: number[] = []
    for (let i = 0; i < 8; i++) {
      losses.push((await engine.forwardBackward(data, crossEntropy)).loss)
      await engine.optimStep(adamw)
    }
    expect(losses.at(-1)).toBeLessThan(0.95 * losses[0]!)
    expect(await readWeights(engine.weights)).toEqual(frozen)
    expect(await reference.logprobs(tokens)).toEqual(before)
    const scored = await engine.logprobs(tokens)
    const { logprobs } = await engine.forwardBackward(data, crossEntropy)
    scored.forEach((values, s) => {
      values.forEach((value, t) => {
        expect(Math.abs(value - logprobs[s]![t]!)).toBeLessThan(2e-5)
      })
    })

    const whole = join(folder, `${architecture}-merged`)
    await engine.save(whole, { merged: true })
    await base.load(whole)
    expect(await base.logprobs(tokens)).toEqual(scored)

    const saved = join(folder, architecture)
    await engine.save(saved, { optimizer: true })
    expect((await readdir(saved)).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
      'config.json',
      'optimizer.safetensors',
    ])
    const resumed = tinyEngine(architecture, { lora })
    await resumed.load(saved, { optimizer: true })
    expect(await (await resumed.loadSnapshot(saved)).logprobs(tokens)).toEqual(scored)
    for (const one of [engine, resumed]) {
      writeWeights(one.gradient, new Float32Array(numWeights(one.gradient)))
      await one.forwardBackward(data, crossEntropy)
      await one.optimStep(adamw)
    }
    expect(await resumed.logprobs(tokens)).toEqual(await engine.logprobs(tokens))
    for (const one of [base, engine, resumed]) one.close()
  })

  it('has the gradients that the full one implies: dB = s dW Aᵀ, dA = s Bᵀ dW', async () => {
    const engine = tinyEngine(architecture, { lora })
    const { weights: adapter, matrices } = engine.adapter!
    writeWeights(
      adapter,
      Float32Array.from({ length: numWeights(adapter) }, (_, i) => 0.1 * Math.sin(i)),
    )
    await engine.forwardBackward(data, crossEntropy)
    const full = tinyEngine(architecture)
    await engine.save(join(folder, 'full'), { merged: true })
    await full.load(join(folder, 'full'))
    await full.forwardBackward(data, crossEntropy)
    expect(matrices.length).toBe(4)
    for (const { weight, a, b } of matrices) {
      const [outer, inner] = weight.shape as [number, number]
      const dW = await full.gradient.states[weight.name]!.read()
      const close = (found: number, products: (i: number) => number, count: number) => {
        let expected = 0
        for (let i = 0; i < count; i++) expected += 2 * products(i)
        expect(Math.abs(found - expected)).toBeLessThan(1e-4)
      }
      const [A, B] = [await adapter.states[a.name]!.read(), await adapter.states[b.name]!.read()]
      const [dA, dB] = [
        await engine.gradient.states[a.name]!.read(),
        await engine.gradient.states[b.name]!.read(),
      ]
      dB.forEach((found, at) => {
        const [o, r] = [Math.floor(at / 3), at % 3]
        close(found, (i) => dW[o * inner + i]! * A[r * inner + i]!, inner)
      })
      dA.forEach((found, at) => {
        const [r, i] = [Math.floor(at / inner), at % inner]
        close(found, (o) => dW[o * inner + i]! * B[o * 3 + r]!, outer)
      })
    }
    engine.close()
    full.close()
  })
})

it('continues only with an adapter of the same settings', async () => {
  const saved = join(folder, 'settings')
  const engine = tinyEngine('llama', { lora })
  await engine.save(saved)
  engine.close()
  for (const [other, message] of [
    [{ rank: 4 }, /^lora\.rank is 4: .*Expected 3, as in .*settings/],
    [{ alpha: 12 }, /^lora\.alpha is 12: .*Expected 6, as in .*settings/],
    [{ targets: ['q_proj'] }, /^lora\.targets is \["q_proj"\]: .*Expected \["q_proj","down_proj"\], as in/],
  ] as const) {
    const differs = tinyEngine('llama', { lora: { ...lora, ...other } })
    await expect(differs.load(saved)).rejects.toThrow(ConfigError)
    await expect(differs.load(saved)).rejects.toThrow(message)
    await expect(differs.loadSnapshot(saved)).rejects.toThrow(message)
    differs.close()
  }
  const same = tinyEngine('llama', { lora: { ...lora, targets: ['down_proj', 'q_proj'] } })
  await same.load(saved)
  same.close()
})

it('a target that is no matrix of the model is named, with those that are', () => {
  const open = () => tinyEngine('llama', { lora: { ...lora, targets: ['q_proj', 'c_attn'] } })
  expect(open).toThrow(ConfigError)
  expect(open).toThrow(
    /^lora.targets is "c_attn": .*q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj/,
  )
})

it('reaches the weights that latent attention cuts into parts', async () => {
  const targets = ['q_proj', 'kv_a_proj_with_mqa', 'kv_b_proj', 'o_proj']
  const engine = createEmbeddedEngine({
    config: tinyDeepseekV3,
    seed: 4,
    minRowLength: 64,
    lora: { ...lora, targets },
  })
  const short = tokens.map((ids) => ids.map((id) => id % 20))
  const batch = data.map((datum, i) => ({ ...datum, tokens: short[i]! }))
  await engine.forwardBackward(batch, crossEntropy)
  for (const { b } of engine.adapter!.matrices.filter(({ weight }) => !weight.name.includes('layers.2')))
    expect(Math.hypot(...(await engine.gradient.states[b.name]!.read())), b.name).toBeGreaterThan(0)
  await engine.optimStep(adamw)
  const { logprobs } = await engine.forwardBackward(batch, crossEntropy)
  const scored = await engine.logprobs(short)
  scored.forEach((values, s) => {
    values.forEach((value, t) => {
      expect(Math.abs(value - logprobs[s]![t]!)).toBeLessThan(2e-5)
    })
  })
  engine.close()
})
