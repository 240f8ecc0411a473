import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import { type PolicyGradientOptions, policyGradient } from '../../objectives/policy-gradient.ts'
import { randomStream } from '../../random.ts'
import type { Datum } from '../engine.ts'
import { createTabularEngine } from './tabular-engine.ts'

const V = 4
const { normal } = randomStream(1, 'table')
const LOGITS = Array.from({ length: V * V }, normal)
const adamw = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradientClipNorm: 1,
}
const engineOf = (logits = LOGITS) => createTabularEngine({ vocabularySize: V, logits })

const datum = (tokens: number[], prompt: number, advantage: number): Datum => {
  const n = tokens.length - 1
  const along = (value: (i: number) => number) => Float32Array.from({ length: n }, (_, i) => value(i))
  return {
    tokens: Int32Array.from(tokens),
    weights: along((i) => (i < prompt - 1 ? 0 : 1 / (n - prompt + 1))),
    inputs: {
      advantages: along(() => advantage),
      oldLogprobs: along((i) => -1.3 + 0.1 * i),
      referenceLogprobs: along((i) => -1.5 + 0.2 * i),
    },
  }
}
const batch = [datum([0, 1, 2, 3, 1], 2, 0.7), datum([0, 3, 3, 2], 1, -1.2), datum([2, 1, 1, 0], 2, 0.4)]

describe('gradient', () => {
  const variants: [string, Partial<PolicyGradientOptions> | undefined][] = [
    ['cross-entropy', undefined],
    ['GRPO with KL', { klWeight: 0.3 }],
    ['GSPO', { ratio: 'sequence', klWeight: 0 }],
    ['GRPO with an entropy bonus', { klWeight: 0, entropyWeight: 0.4 }],
  ]
  it.each(variants)('of %s is the slope of the loss', async (_, options) => {
    const objective = options === undefined ? crossEntropy : policyGradient(options)
    const engine = engineOf()
    await engine.forwardBackward(batch, objective)
    const lossAt = async (i: number, delta: number) => {
      const logits = LOGITS.slice()
      logits[i]! += delta
      return (await engineOf(logits).forwardBackward(batch, objective)).loss
    }
    for (let i = 0; i < LOGITS.length; i++) {
      const slope = ((await lossAt(i, 1e-5)) - (await lossAt(i, -1e-5))) / 2e-5
      expect(engine.gradient[i]).toBeCloseTo(slope, 7)
    }
    expect(Math.hypot(...engine.gradient)).toBeGreaterThan(0.01)
  })

  it('of an entropy bonus raises the entropy', async () => {
    const engine = engineOf()
    const objective = policyGradient({ klWeight: 0, entropyWeight: 1 })
    const still = [datum([0, 1, 2, 3, 1], 2, 0)]
    const entropies: number[] = []
    for (let step = 0; step < 5; step++) {
      entropies.push((await engine.forwardBackward(still, objective)).entropy)
      await engine.optimStep({ ...adamw, weightDecay: 0 })
    }
    expect(entropies).toEqual(entropies.toSorted((a, b) => a - b))
    expect(new Set(entropies).size).toBe(5)
  })
})

describe('policy', () => {
  const options = { maxTokens: 5, temperature: 1, stopTokens: [3] }
  const request = { prompt: Int32Array.of(0, 1), samples: 200, seed: 7, options }

  it('samples what it scores', async () => {
    const engine = engineOf()
    const [responses] = await engine.sample([request])
    const sequences = responses!.map(({ tokens }) => Int32Array.from([...request.prompt, ...tokens]))
    const scored = await engine.logprobs(sequences)
    responses!.forEach(({ tokens, logprobs, stopReason }, s) => {
      expect(scored[s]!.subarray(1)).toEqual(logprobs)
      expect(stopReason).toBe(tokens.at(-1) === 3 ? 'stop' : 'length')
      expect(tokens.indexOf(3)).toBe(stopReason === 'stop' ? tokens.length - 1 : -1)
    })
    const first = responses!.filter(({ tokens }) => tokens[0] === 2).length / 200
    expect(Math.abs(first - engine.probabilities(1)[2]!)).toBeLessThan(0.12)
  })

  it('knows positions instead of tokens where asked', async () => {
    const logits = [0, 0, 9, 0, 0, 9, 0, 0].slice(0, 4)
    const engine = createTabularEngine({ vocabularySize: 2, state: 'position', numPositions: 2, logits })
    expect(engine.probabilities(0, 1)[0]).toBe(0.5)
    for (const position of [2, 3, 9]) expect(engine.probabilities(1, position)[0]).toBeGreaterThan(0.99)
  })

  it('a snapshot stays as it was', async () => {
    const engine = engineOf()
    const snapshot = await engine.snapshot()
    const before = await engine.logprobs([batch[0]!.tokens])
    await engine.forwardBackward(batch, crossEntropy)
    await engine.optimStep(adamw)
    expect(await snapshot.logprobs([batch[0]!.tokens])).toEqual(before)
    expect(await engine.logprobs([batch[0]!.tokens])).not.toEqual(before)
  })
})

it('continues from a folder as if nothing had happened', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'r1-table-'))
  const step = async (engine: ReturnType<typeof engineOf>) => {
    await engine.forwardBackward(batch, crossEntropy)
    await engine.optimStep(adamw)
  }
  const engine = engineOf()
  await step(engine)
  await engine.save(folder, { optimizer: true })
  const other = createTabularEngine({ vocabularySize: V })
  await other.load(folder, { optimizer: true })
  for (const e of [engine, other]) await step(e)
  expect(other.logits).toEqual(engine.logits)
  await expect(createTabularEngine({ vocabularySize: 3 }).load(folder)).rejects.toThrow(
    'Expected 9 logits of 3 tokens',
  )
  await rm(folder, { recursive: true })
})
