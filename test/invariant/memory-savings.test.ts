/** What saves memory changes no number: activations computed twice, logits in parts. */
import { describe, expect, it } from 'vitest'
import { grpoConfig } from '../../src/algorithms/grpo-config.ts'
import type { EmbeddedEngineOptions } from '../../src/engine/embedded/embedded-engine.ts'
import { numWeights, readWeights, writeWeights } from '../../src/engine/embedded/weights.ts'
import type { Datum } from '../../src/engine/engine.ts'
import { policyGradient } from '../../src/objectives/policy-gradient.ts'
import { randomStream } from '../../src/random.ts'
import { tinyEngine } from '../tiny-model.ts'

const stream = randomStream(4, 'memory')
const data: Datum[] = [37, 20, 51, 8].map((length) => ({
  tokens: Int32Array.from({ length }, () => stream.integer(0, 39)),
  weights: Float32Array.from({ length: length - 1 }, (_, i) => (i < 3 ? 0 : stream.normal())),
  inputs: Object.fromEntries(
    ['advantages', 'oldLogprobs', 'referenceLogprobs'].map((name) => [
      name,
      Float32Array.from({ length: length - 1 }, () => (name === 'advantages' ? stream.normal() : -3)),
    ]),
  ),
}))
const objective = policyGradient(grpoConfig.parse({ klWeight: 0.1, ratio: 'sequence', entropyWeight: 0.1 }))
const lora = { rank: 3, alpha: 6, targets: ['all-linear'] }

async function step(architecture: 'llama' | 'qwen2', options: Partial<EmbeddedEngineOptions>) {
  const engine = tinyEngine(architecture, options)
  if (engine.adapter !== undefined) {
    const size = numWeights(engine.adapter.weights)
    writeWeights(
      engine.adapter.weights,
      Float32Array.from({ length: size }, (_, i) => 0.1 * Math.sin(i)),
    )
  }
  const { loss, logprobs, entropy, statistics } = await engine.forwardBackward(data, objective)
  const scored = await engine.logprobs(data.map(({ tokens }) => tokens))
  const gradient = await readWeights(engine.gradient)
  engine.close()
  return { loss, logprobs, entropy, statistics, scored, gradient }
}

describe.each(['llama', 'qwen2'] as const)('%s', (architecture) => {
  describe.each([{}, { lora }])('%o', (base) => {
    const plain = step(architecture, base)
    // 40 · 4 bytes a token: several parts.
    it.each<Partial<EmbeddedEngineOptions>>([
      { recompute: true },
      { logitBytes: 4000 },
      { recompute: true, logitBytes: 4000 },
    ])('%o', async (saving) => {
      const expected = await plain
      const { gradient, ...rest } = await step(architecture, { ...base, ...saving })
      expect(rest.loss).toBeCloseTo(expected.loss, 5)
      expect(rest.entropy).toBeCloseTo(expected.entropy, 5)
      for (const [s, values] of expected.logprobs.entries())
        for (const found of [rest.logprobs[s]!, rest.scored[s]!])
          found.forEach((value, t) => {
            expect(Math.abs(value - values[t]!)).toBeLessThan(2e-5)
          })
      const norm = Math.hypot(...expected.gradient)
      expect(norm).toBeGreaterThan(0.01)
      gradient.forEach((value, i) => {
        expect(Math.abs(value - expected.gradient[i]!)).toBeLessThan(1e-5 * norm)
      })
    })
  })
})
