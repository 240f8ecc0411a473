import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Datum } from '../engine/engine.ts'
import { createTabularEngine } from '../engine/reference/tabular-engine.ts'
import { responseLoss, type SftExample, type SftOptions, type SftStep, sft } from './sft.ts'
import { sftConfig } from './sft-config.ts'

const V = 4
const END = 3
const createEngine = () => createTabularEngine({ vocabularySize: V })
/** After token 1 comes 2, then the end; prompts hold 0s, after which anything may come. */
const examples = Array.from(
  { length: 10 },
  (_, i): SftExample => ({
    prompt: Int32Array.from([...Array(1 + (i % 3)).fill(0), 1]),
    response: Int32Array.of(2, END),
  }),
)
const settings = { epochs: 3, batchSize: 4, learningRate: 0.3 }

async function train(given: object = {}, options: Partial<SftOptions> = {}) {
  const steps: SftStep[] = []
  const engine = options.engine ?? createEngine()
  await sft({
    engine,
    config: sftConfig.parse({ ...settings, ...given }),
    seed: 5,
    examples,
    ...options,
    onStep: async (step) => {
      steps.push(step)
      await options.onStep?.(step)
    },
  })
  return { engine, steps }
}

describe('sft', () => {
  it('makes the responses likely and leaves alone what prompts say', async () => {
    const { engine, steps } = await train({ epochs: 20 })
    expect(steps[0]!.loss).toBeCloseTo(Math.log(V), 6)
    expect(steps.at(-1)!.loss).toBeLessThan(0.1)
    const table = engine as ReturnType<typeof createEngine>
    expect(table.probabilities(1)[2]).toBeGreaterThan(0.9)
    for (const p of table.probabilities(0)) expect(p).toBeCloseTo(1 / V, 9)
  })

  it('weighs every response token of an update alike, prompts not at all', async () => {
    const batches: Datum[][] = []
    const engine = createEngine()
    const longer = examples.map((example, i) =>
      i === 0 ? { ...example, response: Int32Array.of(2, 2, 2, END) } : example,
    )
    await train(
      { epochs: 1, batchSize: 10 },
      {
        examples: longer,
        engine: {
          ...engine,
          forwardBackward: (batch, objective) => {
            batches.push([...batch])
            return engine.forwardBackward(batch, objective)
          },
        },
      },
    )
    const [batch] = batches
    expect(batch!.length).toBe(10)
    for (const { tokens, weights } of batch!) {
      const start = tokens.indexOf(1)
      weights.forEach((weight, i) => {
        expect(weight).toBeCloseTo(i < start ? 0 : 1 / 22, 7)
      })
    }
  })

  it('sees each example once an epoch, in another order each time', async () => {
    const seen: number[] = []
    const engine = createEngine()
    const distinct = Array.from({ length: 10 }, (_, i) => ({
      prompt: Int32Array.from(Array(i + 1).fill(0)),
      response: Int32Array.of(END),
    }))
    const { steps } = await train(
      {},
      {
        examples: distinct,
        engine: {
          ...engine,
          forwardBackward: (batch, objective) => {
            seen.push(...batch.map(({ tokens }) => tokens.length))
            return engine.forwardBackward(batch, objective)
          },
        },
      },
    )
    const epochs = [seen.slice(0, 10), seen.slice(10, 20), seen.slice(20)]
    for (const epoch of epochs)
      expect([...epoch].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(epochs[1]).not.toEqual(epochs[0])
    expect(steps.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((s) => s / 3))
  })

  it('tells the validation loss at the end of each epoch', async () => {
    const validation = examples.slice(0, 2)
    const { engine, steps } = await train({}, { validation })
    expect(steps.map(({ validationLoss }) => validationLoss !== undefined)).toEqual(
      [0, 0, 1, 0, 0, 1, 0, 0, 1].map(Boolean),
    )
    expect(steps.at(-1)!.validationLoss).toBeCloseTo(await responseLoss(engine, validation), 9)
    expect(steps.at(-1)!.validationLoss).toBeLessThan(steps[2]!.validationLoss!)
  })

  it('continues where it stopped to the same end', async () => {
    const whole = await train()
    const folder = await mkdtemp(join(tmpdir(), 'r1-sft-'))
    const stop = new AbortController()
    const engine = createEngine()
    const first = await train(
      {},
      {
        engine,
        signal: stop.signal,
        onStep: async ({ step }) => {
          if (step !== 4) return
          await engine.save(folder, { optimizer: true })
          stop.abort()
        },
      },
    )
    const resumed = createEngine()
    await resumed.load(folder, { optimizer: true })
    const second = await train({}, { engine: resumed, fromStep: 4 })
    expect([...first.steps, ...second.steps]).toEqual(whole.steps)
    await rm(folder, { recursive: true })
  })
})
