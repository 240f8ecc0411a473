/** However a batch is cut, packed and shared, loss and gradient are the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts'
import { numWeights, readWeights, writeWeights } from '../../src/engine/embedded/weights.ts'
import type { Datum, ForwardBackwardResult } from '../../src/engine/engine.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import type { Objective } from '../../src/objectives/objective.ts'
import { policyGradient } from '../../src/objectives/policy-gradient.ts'
import { randomStream } from '../../src/random.ts'
import { tinyEngine } from '../tiny-model.ts'

const { integer, normal, uniform } = randomStream(2, 'batches')
const tokens = (length: number) => Array.from({ length }, () => integer(0, 39))

/** Two prompts with four responses each. */
const batch = [tokens(11), tokens(5)].flatMap((prompt) =>
  Array.from({ length: 4 }, (): Datum => {
    const response = tokens(integer(3, 30))
    const n = prompt.length + response.length - 1
    const along = (value: () => number) => Float32Array.from({ length: n }, value)
    const advantage = normal()
    return {
      tokens: Int32Array.from([...prompt, ...response]),
      weights: new Float32Array(n).fill(1 / (8 * response.length), prompt.length - 1),
      inputs: {
        advantages: along(() => advantage),
        oldLogprobs: along(() => -3 - uniform()),
        referenceLogprobs: along(() => -3 - uniform()),
      },
    }
  }),
)

const objectives: [string, Objective][] = [
  ['cross-entropy', crossEntropy],
  ['GRPO', policyGradient({ klWeight: 0.1, clipLow: 0.2, clipHigh: 0.2 })],
  ['GSPO with an entropy bonus', policyGradient({ ratio: 'sequence', klWeight: 0, entropyWeight: 0.1 })],
]

const close: (() => void)[] = []
afterAll(() => {
  for (const it of close) it()
})
function engineOf(options: { microBatchTokens?: number; minRowLength?: number } = {}): EmbeddedEngine {
  const engine = tinyEngine('qwen2', options)
  close.push(engine.close)
  return engine
}

/** A busy machine compiles graphs slowly. */
const LONG = 300_000
const engine = engineOf()

interface Computed {
  loss: number
  gradient: Float32Array
  logprobs: Float32Array[]
  entropy: number
  statistics: Record<string, number>
}

async function compute(engine: EmbeddedEngine, batches: Datum[][], objective: Objective): Promise<Computed> {
  writeWeights(engine.gradient, new Float32Array(numWeights(engine.gradient)))
  const parts: (ForwardBackwardResult & { part: Datum[] })[] = []
  for (const part of batches) parts.push({ ...(await engine.forwardBackward(part, objective)), part })
  const count = (part: Datum[]) => part.reduce((sum, d) => sum + d.weights.filter((w) => w !== 0).length, 0)
  const all = count(batches.flat())
  const mean = (value: (p: (typeof parts)[number]) => number) =>
    parts.reduce((sum, p) => sum + (value(p) * count(p.part)) / all, 0)
  return {
    loss: parts.reduce((sum, { loss }) => sum + loss, 0),
    gradient: await readWeights(engine.gradient),
    logprobs: parts.flatMap(({ logprobs }) => logprobs),
    entropy: mean(({ entropy }) => entropy),
    statistics: Object.fromEntries(
      Object.keys(parts[0]!.statistics).map((name) => [name, mean(({ statistics }) => statistics[name]!)]),
    ),
  }
}

function expectSame(found: Computed, expected: Computed): void {
  expect(found.loss).toBeCloseTo(expected.loss, 5)
  expect(found.entropy).toBeCloseTo(expected.entropy, 5)
  for (const [name, value] of Object.entries(expected.statistics))
    expect(found.statistics[name], name).toBeCloseTo(value, 4)
  const gap = (a: Float32Array, b: Float32Array) =>
    a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0)
  const size = expected.gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  expect(size).toBeGreaterThan(1e-3)
  expect(gap(found.gradient, expected.gradient)).toBeLessThan(2e-5 * Math.max(1, size))
  expected.logprobs.forEach((logprobs, d) => {
    expect(gap(found.logprobs[d]!, logprobs)).toBeLessThan(2e-5)
  })
}

describe.each(objectives)('%s', (_, objective) => {
  let expected: Computed
  beforeAll(async () => {
    expected = await compute(engine, [batch], objective)
  }, LONG)

  it(
    'one batch of 8 is 8 batches of one',
    async () => {
      const alone = batch.map((datum) => [datum])
      expectSame(await compute(engine, alone, objective), expected)
    },
    LONG,
  )

  it(
    'micro-batches of any size',
    async () => {
      for (const microBatchTokens of [64, 192])
        expectSame(await compute(engineOf({ microBatchTokens }), [batch], objective), expected)
    },
    LONG,
  )

  it(
    'rows of any length',
    async () => {
      expectSame(await compute(engineOf({ minRowLength: 160 }), [batch], objective), expected)
    },
    LONG,
  )
})

it.each(objectives.slice(0, 2))(
  '%s: a shared prompt is as good as one’s own',
  async (_, objective) => {
    // The least weight that counts keeps a prompt from being shared; it also adds a token to all means.
    const own = batch.map((datum) => ({ ...datum, weights: datum.weights.with(0, 1e-12) }))
    const loss = async (data: Datum[]) => {
      const computed = await compute(engine, [data], objective)
      return { ...computed, entropy: 0, statistics: {} }
    }
    expectSame(await loss(own), await loss(batch))
  },
  LONG,
)

it(
  'sequence means stay apart when later, shorter sequences fill a row’s gap',
  async () => {
    // Rows of 64 in chunks of one: the short sequences come after more long ones than a row has places.
    const objective = policyGradient({ ratio: 'sequence', klWeight: 0 })
    const make = (length: number, advantage: number): Datum => {
      const along = (value: number) => new Float32Array(length).fill(value)
      return {
        tokens: Int32Array.from(tokens(length + 1)),
        weights: along(1 / length),
        inputs: { advantages: along(advantage), oldLogprobs: along(-3.5 - 0.1 * advantage) },
      }
    }
    const data = [...Array.from({ length: 64 }, () => make(50, 1)), make(10, -1)]
    const small = engineOf({ microBatchTokens: 64 })
    const all = await compute(small, [data], objective)
    expectSame(
      all,
      await compute(
        engine,
        data.map((datum) => [datum]),
        objective,
      ),
    )
  },
  LONG,
)
