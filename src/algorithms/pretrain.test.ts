import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Datum } from '../engine/engine.ts'
import { createTabularEngine, type TabularEngine } from '../engine/reference/tabular-engine.ts'
import { randomStream } from '../random.ts'
import { type PretrainOptions, type PretrainStep, pretrain, pretrainConfig } from './pretrain.ts'

const V = 3
/** A Markov source: each row is the distribution of the token after. */
const SOURCE = [
  [0.7, 0.2, 0.1],
  [0.1, 0.1, 0.8],
  [0.25, 0.5, 0.25],
]
const createEngine = () => createTabularEngine({ vocabularySize: V })

function document(index: number) {
  const { uniform } = randomStream(1, 'source', index)
  const tokens = [0]
  const length = 20 + (index % 7)
  while (tokens.length < length) {
    let left = uniform()
    const next = SOURCE[tokens.at(-1)!]!.findIndex((p) => {
      left -= p
      return left < 0
    })
    tokens.push(next < 0 ? V - 1 : next)
  }
  return { tokens: Int32Array.from(tokens), unweighted: 0 }
}

const settings = {
  steps: 150,
  batchTokens: 400,
  learningRate: 0.1,
  warmupSteps: 5,
  finalShare: 0.02,
  weightDecay: 0,
}

async function train(
  given: object,
  { engine = createEngine(), ...options }: Partial<PretrainOptions> & { engine?: TabularEngine } = {},
) {
  const steps: PretrainStep[] = []
  await pretrain({
    engine,
    config: pretrainConfig.parse({ ...settings, ...given }),
    document,
    ...options,
    onStep: async (step) => {
      steps.push(step)
      await options.onStep?.(step)
    },
  })
  return { steps, engine }
}

describe('pretrain', () => {
  it("brings the loss down to the source's entropy, from that of guessing", async () => {
    const { steps, engine } = await train({})
    const probabilities = [0, 1, 2].map((token) => engine.probabilities(token))
    // The share of time that the source spends on each token: iterated until it stays.
    let share = [1, 0, 0]
    for (let i = 0; i < 200; i++)
      share = share.map((_, to) => share.reduce((sum, p, from) => sum + p * SOURCE[from]![to]!, 0))
    const entropy = SOURCE.reduce(
      (sum, row, from) => sum - share[from]! * row.reduce((inner, p) => inner + p * Math.log(p), 0),
      0,
    )
    expect(steps[0]!.loss).toBeCloseTo(Math.log(V), 6)
    const late = steps.slice(-40)
    expect(late.reduce((sum, { loss }) => sum + loss, 0) / late.length).toBeCloseTo(entropy, 1)
    SOURCE.flat().forEach((p, i) => {
      expect(Math.abs(probabilities[Math.floor(i / V)]![i % V]! - p)).toBeLessThan(0.05)
    })
  })

  it('weighs every trained token of a step alike, and leaves out the unweighted ones', async () => {
    const batches: Datum[][] = []
    const engine = createEngine()
    const watched = {
      ...engine,
      forwardBackward: (batch: readonly Datum[], ...rest: [Parameters<typeof engine.forwardBackward>[1]]) => {
        batches.push([...batch])
        return engine.forwardBackward(batch, ...rest)
      },
    }
    const { steps } = await train(
      { steps: 2 },
      { engine: watched, document: (index) => ({ ...document(index), unweighted: index % 3 === 0 ? 5 : 0 }) },
    )
    batches.forEach((batch, s) => {
      const { tokens } = steps[s]!
      const weights = batch.flatMap((datum) => Array.from(datum.weights))
      expect(weights.filter((weight) => weight !== 0).length).toBe(tokens)
      expect(tokens).toBeGreaterThanOrEqual(400)
      expect(tokens).toBeLessThan(400 + 27)
      for (const weight of weights) if (weight !== 0) expect(weight).toBeCloseTo(1 / tokens, 9)
    })
    // The prediction of the first trained token counts: 4 of the first 5 tokens are predicted, and left out.
    const first = batches[0]![0]!.weights
    expect([first.subarray(0, 4).every((w) => w === 0), first[4]! > 0]).toEqual([true, true])
  })

  it('reads each document once, and continues where it stopped', async () => {
    const whole = await train({ steps: 6 })
    expect(whole.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])
    const folder = await mkdtemp(join(tmpdir(), 'r1-pretrain-'))
    const stop = new AbortController()
    const engine = createEngine()
    const first = await train(
      { steps: 6 },
      {
        engine,
        signal: stop.signal,
        onStep: async ({ step }) => {
          if (step !== 3) return
          await engine.save(folder, { optimizer: true })
          stop.abort()
        },
      },
    )
    const resumed = createEngine()
    await resumed.load(folder, { optimizer: true })
    const { step, documents } = first.steps.at(-1)!
    const second = await train({ steps: 6 }, { engine: resumed, from: { step, documents } })
    expect([...first.steps, ...second.steps]).toEqual(whole.steps)
    await rm(folder, { recursive: true })
  })
})
