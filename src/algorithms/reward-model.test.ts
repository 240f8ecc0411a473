import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tinyConfig } from '../../test/tiny-model.ts'
import { createScalarModel } from '../engine/embedded/scalar-model.ts'
import { readWeights } from '../engine/embedded/weights.ts'
import { createTabularScalarModel } from '../engine/reference/tabular-scalar-model.ts'
import type { ScalarModel } from '../engine/scalar-model.ts'
import { randomStream } from '../random.ts'
import {
  type LabelledResponse,
  type LabelledSteps,
  type PreferencePair,
  type RewardModelOptions,
  type RewardModelStep,
  rewardModelSteps,
  trainRewardModel,
} from './reward-model.ts'
import { rewardModelConfig } from './reward-model-config.ts'
import { lengthBaseline, measureRewardModel } from './reward-model-figures.ts'

const PROMPT = 9
const [GOOD, BAD] = [1, 2]

/** A response of 2 to 6 tokens; `mark` is somewhere in it and decides whether it is liked. */
function response(random: ReturnType<typeof randomStream>, mark: number): Int32Array {
  const tokens = Array.from({ length: random.integer(2, 6) }, () => random.integer(3, 8))
  tokens[random.integer(0, tokens.length - 1)] = mark
  return Int32Array.from(tokens)
}
const pair = (index: number): PreferencePair => {
  const random = randomStream(1, 'pair', index)
  return { prompt: Int32Array.of(PROMPT), chosen: response(random, GOOD), rejected: response(random, BAD) }
}
/** Liked where the last token says so: a table can learn it. */
const atEnd = (index: number): PreferencePair => {
  const { prompt, chosen, rejected } = pair(index)
  return { prompt, chosen: Int32Array.from([...chosen, GOOD]), rejected: Int32Array.from([...rejected, BAD]) }
}
const labelled = (index: number): LabelledResponse => {
  const { prompt, chosen, rejected } = pair(index)
  return index % 2 === 0 ? { prompt, response: chosen, label: 1 } : { prompt, response: rejected, label: 0 }
}
const list = <T>(make: (index: number) => T, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => make(from + i))

async function train(
  model: ScalarModel,
  examples: RewardModelOptions['examples'],
  settings: object,
  options: Partial<RewardModelOptions> = {},
): Promise<RewardModelStep[]> {
  const steps: RewardModelStep[] = []
  await trainRewardModel({
    model,
    config: rewardModelConfig.parse({ batchSize: 8, learningRate: 0.1, ...settings }),
    seed: 1,
    examples,
    ...options,
    onStep: async (step) => {
      steps.push(step)
      await options.onStep?.(step)
    },
  })
  return steps
}

describe('training on pairs', () => {
  it('parts what is liked from what is not, from an even start', async () => {
    const model = createTabularScalarModel(10)
    const steps = await train(model, list(atEnd, 0, 60), { epochs: 3 })
    expect(steps.map(({ step }) => step)).toEqual(list((i) => i + 1, 0, 24))
    expect(steps[0]!.loss).toBeCloseTo(Math.log(2), 6)
    expect(steps.at(-1)!.loss).toBeLessThan(0.2)
    expect(steps.at(-1)!.accuracy).toBe(1)
    expect(model.table[GOOD]! - model.table[BAD]!).toBeGreaterThan(2)
    // The loss is of differences alone: what one gains the other loses.
    expect(model.table[GOOD]! + model.table[BAD]!).toBeCloseTo(0, 6)
  })

  it('shows every pair once an epoch, in another order each time', async () => {
    const examples = list(atEnd, 0, 20).map((example, i) => ({
      ...example,
      prompt: Int32Array.of(Math.floor(i / 10), i % 10),
    }))
    const seen: number[][] = []
    const model = createTabularScalarModel(10)
    await train(
      {
        ...model,
        forwardBackward(batch, objective) {
          const chosen = batch.filter(({ inputs }) => inputs!.side!.at(-1) === 1)
          seen.push(chosen.map(({ tokens }) => 10 * tokens[0]! + tokens[1]!))
          for (const { weights } of batch)
            expect([weights.at(-1), weights.subarray(0, -1).every((w) => w === 0)]).toEqual([
              expect.closeTo(2 / batch.length, 6),
              true,
            ])
          return model.forwardBackward(batch, objective)
        },
      },
      examples,
      { epochs: 2 },
    )
    expect(seen.map(({ length }) => length)).toEqual([8, 8, 4, 8, 8, 4])
    const epochs = [seen.slice(0, 3).flat(), seen.slice(3).flat()]
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(list((i) => i, 0, 20))
    expect(epochs[1]).not.toEqual(epochs[0])
  })

  it('continues where it stopped, and follows the schedule', async () => {
    const settings = { epochs: 2, warmupSteps: 2, decay: 'linear', finalShare: 0 }
    const examples = list(atEnd, 0, 20)
    const whole = await train(createTabularScalarModel(10), examples, settings)
    expect(whole.map(({ learningRate }) => learningRate)).toEqual(
      [0.05, 0.1, 0.1, 0.2 / 3, 0.1 / 3, 0].map((rate) => expect.closeTo(rate, 9)),
    )
    expect(rewardModelSteps(rewardModelConfig.parse({ epochs: 2, batchSize: 8 }), 20)).toBe(6)
    const folder = await mkdtemp(join(tmpdir(), 'r1-reward-'))
    const stop = new AbortController()
    const model = createTabularScalarModel(10)
    const first = await train(model, examples, settings, {
      signal: stop.signal,
      onStep: async ({ step }) => {
        if (step !== 4) return
        await model.save(folder, { optimizer: true })
        stop.abort()
      },
    })
    const resumed = createTabularScalarModel(10)
    await resumed.load(folder, { optimizer: true })
    expect([...first, ...(await train(resumed, examples, settings, { fromStep: 4 }))]).toEqual(whole)
    await rm(folder, { recursive: true })
  })
})

describe('training on steps', () => {
  /** Steps end with the mark that says whether they are right. */
  const steps = (index: number): LabelledSteps => {
    const random = randomStream(1, 'steps', index)
    const marks = Array.from({ length: random.integer(1, 3) }, () => random.pick([GOOD, BAD]))
    const response = Int32Array.from(marks.flatMap((mark) => [random.integer(3, 8), mark]))
    return {
      prompt: Int32Array.of(PROMPT),
      response,
      steps: marks.map((mark, i) => ({ at: 2 * i + 1, label: mark === GOOD ? 1 : 0 })),
    }
  }

  it('learns a value after each step, every label as heavy as the other', async () => {
    const model = createTabularScalarModel(10)
    const examples = list(steps, 0, 60)
    const weights: number[] = []
    await train(
      {
        ...model,
        forwardBackward(batch, objective) {
          const all = batch.flatMap((datum) => Array.from(datum.weights).filter((weight) => weight !== 0))
          weights.push(...all.map((weight) => weight * all.length))
          return model.forwardBackward(batch, objective)
        },
      },
      examples,
      { epochs: 3 },
    )
    expect(weights.every((weight) => Math.abs(weight - 1) < 1e-6)).toBe(true)
    expect(model.table[GOOD]).toBeGreaterThan(1)
    expect(model.table[BAD]).toBeLessThan(-1)
    const heldOut = list(steps, 1000, 50)
    const figures = await measureRewardModel(model, heldOut)
    expect(figures.n).toBe(heldOut.reduce((sum, example) => sum + example.steps.length, 0))
    expect(figures.accuracy).toBe(1)
  })
})

describe('a decoder', () => {
  const config = { ...tinyConfig('llama'), vocabularySize: 10 }

  it.each([
    ['pairs', list(pair, 0, 192), list(pair, 1000, 100)],
    ['labelled responses', list(labelled, 0, 384), list(labelled, 1000, 100)],
  ] as const)('learns a mark anywhere in the response from %s', async (_, examples, heldOut) => {
    const model = createScalarModel({ config, seed: 1, minRowLength: 64 })
    const before = await measureRewardModel(model, heldOut)
    await train(model, examples, { epochs: 4, batchSize: 32, learningRate: 3e-3 })
    const after = await measureRewardModel(model, heldOut)
    expect(before.accuracy).toBeLessThan(0.8)
    expect(after.accuracy).toBeGreaterThan(0.95)
    expect(lengthBaseline(examples, heldOut)).toBeLessThan(0.65)
    model.close()
  })

  it('computes a pair that micro-batches part as it would together', async () => {
    const gradientOf = async (microBatchTokens: number) => {
      const model = createScalarModel({ config, seed: 1, minRowLength: 64, microBatchTokens })
      const kept: Float32Array[] = []
      const steps = await train(
        {
          ...model,
          optimStep: async () => {
            kept.push(await readWeights(model.gradient))
            return { gradientNorm: 0 }
          },
        },
        list(pair, 0, 24),
        { batchSize: 24 },
      )
      model.close()
      return { loss: steps[0]!.loss, gradient: kept[0]! }
    }
    const [apart, together] = [await gradientOf(64), await gradientOf(4096)]
    expect(apart.loss).toBeCloseTo(together.loss, 5)
    const norm = Math.hypot(...together.gradient)
    expect(norm).toBeGreaterThan(0.01)
    apart.gradient.forEach((value, i) => {
      expect(Math.abs(value - together.gradient[i]!)).toBeLessThan(1e-4 * norm)
    })
  })
})

describe('figures', () => {
  /** The score is the last token. */
  const model = { values: async (all: readonly Int32Array[]) => all.map((t) => Float32Array.from(t)) }
  const pair = (chosen: number, rejected: number): PreferencePair => ({
    prompt: Int32Array.of(0),
    chosen: Int32Array.of(chosen),
    rejected: Int32Array.of(rejected),
  })

  it('accuracy, calibration and the spread of scores, by hand', async () => {
    const got = await measureRewardModel(model, [pair(4, 3), pair(5, 4), pair(1, 2), pair(9, 0)])
    const sure = 1 / (1 + Math.exp(-1))
    expect(got.accuracy).toBe(0.75)
    const bins = got.reliability.filter(({ n }) => n > 0)
    expect(bins).toEqual([
      { from: 0.7, to: 0.75, n: 3, confidence: expect.closeTo(sure, 9), accuracy: expect.closeTo(2 / 3, 9) },
      { from: 0.95, to: 1, n: 1, confidence: expect.closeTo(1, 3), accuracy: 1 },
    ])
    expect(got.calibrationError).toBeCloseTo(0.75 * (sure - 2 / 3) + 0.25 / (1 + Math.exp(9)), 9)
    expect(got.meanScore).toBe(3.5)
    expect(got.scoreDeviation).toBeCloseTo(
      Math.sqrt((0.25 + 0.25 + 2.25 + 0.25 + 6.25 + 2.25 + 30.25 + 12.25) / 8),
      9,
    )
  })

  it('labelled responses are right on their side of 0', async () => {
    const row = (score: number, label: 0 | 1) => ({
      prompt: Int32Array.of(0),
      response: Int32Array.of(score),
      label,
    })
    expect((await measureRewardModel(model, [row(2, 1), row(-3, 0), row(1, 0), row(-1, 1)])).accuracy).toBe(
      0.5,
    )
  })

  it('the baseline takes the better of longer and shorter, as the training pairs say', () => {
    const lengths = (chosen: number, rejected: number): PreferencePair => ({
      prompt: Int32Array.of(0),
      chosen: new Int32Array(chosen),
      rejected: new Int32Array(rejected),
    })
    const shorter = [lengths(1, 3), lengths(2, 3), lengths(5, 4)]
    const heldOut = [lengths(1, 9), lengths(4, 4), lengths(9, 1), lengths(2, 3)]
    expect(lengthBaseline(shorter, heldOut)).toBe((1 + 0.5 + 0 + 1) / 4)
    expect(lengthBaseline([lengths(3, 1)], heldOut)).toBe((0 + 0.5 + 1 + 0) / 4)
  })

  it('of labelled responses it is the threshold that parts them best', () => {
    const row = (length: number, label: 0 | 1) => ({
      prompt: Int32Array.of(0),
      response: new Int32Array(length),
      label,
    })
    const training = [row(2, 1), row(3, 1), row(4, 0), row(9, 0)]
    expect(lengthBaseline(training, [row(1, 1), row(3, 0), row(5, 0), row(6, 0)])).toBe(0.75)
  })
})
