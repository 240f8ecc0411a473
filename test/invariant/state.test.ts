/** What an engine remembers: snapshots stay, checkpoints continue bit for bit, a seed is a whole course. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GrpoStep, grpo } from '../../src/algorithms/grpo.ts'
import { grpoConfig } from '../../src/algorithms/grpo-config.ts'
import type { EmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts'
import { readWeights, writeWeights } from '../../src/engine/embedded/weights.ts'
import type { Datum, Policy } from '../../src/engine/engine.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { randomStream } from '../../src/random.ts'
import { letterQuestion, letterTask, letterTokenizer } from '../letter-world.ts'
import { adamw, tinyEngine } from '../tiny-model.ts'

const { integer } = randomStream(3, 'state')
const data = Array.from({ length: 6 }, (): Datum => {
  const length = integer(4, 40)
  return {
    tokens: Int32Array.from({ length: length + 1 }, () => integer(0, 39)),
    weights: new Float32Array(length).fill(1 / (6 * length)),
  }
})
const sequences = data.map(({ tokens }) => tokens)
const options = { maxTokens: 6, temperature: 1, stopTokens: [] }
const speak = async (policy: Policy) =>
  (await policy.sample([{ prompt: Int32Array.of(1, 2), samples: 3, seed: 1, options }])).flat()

async function step(engine: EmbeddedEngine) {
  const { loss, entropy, logprobs } = await engine.forwardBackward(data, crossEntropy)
  return { loss, entropy, logprobs, ...(await engine.optimStep(adamw)) }
}

/** A busy machine compiles graphs slowly. */
const LONG = 300_000

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'r1-state-'))
}, LONG)
afterAll(() => rm(folder, { recursive: true }), LONG)

it(
  'a snapshot is frozen while training continues, and survives a folder',
  async () => {
    const engine = tinyEngine()
    const snapshot = await engine.snapshot()
    const scores = await snapshot.logprobs(sequences)
    const speech = await speak(snapshot)
    expect(scores).toEqual(await engine.logprobs(sequences))
    await step(engine)
    expect(await engine.logprobs(sequences)).not.toEqual(scores)
    expect(await snapshot.logprobs(sequences)).toEqual(scores)
    expect(await speak(snapshot)).toEqual(speech)
    await snapshot.save(join(folder, 'snapshot'))
    const loaded = await engine.loadSnapshot(join(folder, 'snapshot'))
    expect(await loaded.logprobs(sequences)).toEqual(scores)
    expect(await speak(loaded)).toEqual(speech)
    engine.close()
  },
  LONG,
)

it(
  'save, load, and the next steps are the same bit for bit',
  async () => {
    const engine = tinyEngine()
    await step(engine)
    await step(engine)
    await engine.save(join(folder, 'saved'), { optimizer: true })
    const other = tinyEngine('qwen2', { seed: 9 })
    await other.load(join(folder, 'saved'), { optimizer: true })
    for (let i = 0; i < 2; i++) expect(await step(other)).toEqual(await step(engine))
    expect(await readWeights(other.weights)).toEqual(await readWeights(engine.weights))
    // Without the optimiser's state the next step is another one.
    const forgetful = tinyEngine('qwen2', { seed: 9 })
    await forgetful.load(join(folder, 'saved'))
    for (let i = 0; i < 2; i++) await step(forgetful)
    expect(await readWeights(forgetful.weights)).not.toEqual(await readWeights(engine.weights))
    for (const e of [engine, other, forgetful]) e.close()
  },
  LONG,
)

it(
  'a checkpoint of another shape is refused by the tensor’s name',
  async () => {
    const llama = tinyEngine('llama')
    await llama.save(join(folder, 'llama'))
    const qwen2 = tinyEngine('qwen2')
    await expect(qwen2.load(join(folder, 'llama'))).rejects.toThrow(
      /llama.*no tensor model\.layers\.0\.self_attn\.q_proj\.bias/,
    )
    for (const e of [llama, qwen2]) e.close()
  },
  LONG,
)

it(
  'a gradient that is not finite is dropped, and that is said',
  async () => {
    const engine = tinyEngine()
    const before = await readWeights(engine.weights)
    const gradient = await readWeights(engine.gradient)
    gradient[5] = Number.NaN
    writeWeights(engine.gradient, gradient)
    expect(await engine.optimStep(adamw)).toEqual({ gradientNorm: Number.NaN, dropped: true })
    expect(await readWeights(engine.weights)).toEqual(before)
    expect((await readWeights(engine.gradient)).every((value) => value === 0)).toBe(true)
    engine.close()
  },
  LONG,
)

it(
  'the same seed twice: GRPO on a transformer, metrics bit for bit',
  async () => {
    const letters = Array.from({ length: 40 }, (_, i) => (i === 0 ? '.' : String.fromCharCode(96 + i))).join(
      '',
    )
    const train = async (seed: number) => {
      const engine = tinyEngine('llama', { microBatchTokens: 256 })
      const steps: GrpoStep['metrics'][] = []
      await grpo({
        engine,
        tokenizer: letterTokenizer(letters),
        renderPrompt: ({ prompt }) => prompt,
        rewards: [{ name: 'accuracy', weight: 1, score: ({ text }) => text.split(/[a-m]/).length - 1 }],
        config: grpoConfig.parse({
          steps: 4,
          groupSize: 4,
          questionsPerStep: 2,
          minibatches: 2,
          maxTokens: 6,
          learningRate: 3e-3,
          klWeight: 0.01,
        }),
        seed,
        question: (index) => ({
          task: letterTask,
          question: letterQuestion(letters.slice(1, 3 + (index % 4)), index),
        }),
        onStep: ({ metrics }) => {
          steps.push(metrics)
        },
      })
      engine.close()
      return steps
    }
    const first = await train(1)
    expect(first.length).toBe(4)
    expect(await train(1)).toEqual(first)
    expect(await train(2)).not.toEqual(first)
  },
  LONG,
)
