/** The embedded engine against PEFT on a tiny adapter; tools/peft_golden.py makes the fixture. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createEmbeddedEngine } from '../../src/engine/embedded/local-engine.ts'
import { readAdapterConfig, readModelConfig } from '../../src/engine/embedded/model-folder.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const json = (...path: string[]) => JSON.parse(readFileSync(join(FIXTURES, ...path), 'utf8'))

it('gives the log-probabilities that PEFT gives, to 1e-4, merged and in training', async () => {
  const { sequences } = json('llama-tiny', 'golden.json') as { sequences: number[][] }
  const { logprobs: expected } = json('lora-tiny', 'golden.json') as { logprobs: number[][] }
  const { lora } = (await readAdapterConfig(join(FIXTURES, 'lora-tiny')))!
  const base = join(FIXTURES, 'llama-tiny')
  const engine = createEmbeddedEngine({ config: await readModelConfig(base), lora, minRowLength: 32 })
  await engine.load(base)
  const tokens = sequences.map((s) => Int32Array.from(s))
  const alone = await (await engine.snapshot()).logprobs(tokens)
  await engine.load(join(FIXTURES, 'lora-tiny'))
  const merged = await engine.logprobs(tokens)
  const data = tokens.map((t) => ({ tokens: t, weights: new Float32Array(t.length - 1).fill(1) }))
  const { logprobs: trained } = await engine.forwardBackward(data, crossEntropy)
  const gap = (found: Float32Array[]) =>
    Math.max(...found.flatMap((values, s) => Array.from(values, (x, t) => Math.abs(x - expected[s]![t]!))))
  expect(gap(merged)).toBeLessThan(1e-4)
  expect(gap(trained)).toBeLessThan(1e-4)
  expect(gap(alone)).toBeGreaterThan(0.1)
  engine.close()
})
