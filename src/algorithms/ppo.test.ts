/** PPO on the tabular engine with a critic in a table. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTask, letterTokenizer } from '../../test/letter-world.ts'
import type { Datum, Snapshot } from '../engine/engine.ts'
import { createTabularEngine, type TabularEngine } from '../engine/reference/tabular-engine.ts'
import {
  createTabularScalarModel,
  type TabularScalarModel,
} from '../engine/reference/tabular-scalar-model.ts'
import type { ValueDatum } from '../engine/scalar-model.ts'
import type { Reward } from '../rewards/reward.ts'
import type { RolloutDone } from './grpo.ts'
import { type PpoOptions, type PpoStep, ppo } from './ppo.ts'
import { ppoConfig } from './ppo-config.ts'

const LETTERS = 'ab.q'
const [A, Q] = [0, 3]
const createEngine = (logits?: number[]) =>
  createTabularEngine({ vocabularySize: LETTERS.length, ...(logits && { logits }) })
const reward = (score: (text: string) => number): Reward => ({
  name: 'accuracy',
  weight: 1,
  score: ({ text }) => score(text),
})
const startsWithA = reward((text) => Number(text.startsWith('a')))

interface Trained {
  engine: TabularEngine
  critic: TabularScalarModel
  steps: PpoStep[]
  rollouts: RolloutDone[]
  policyBatches: Datum[][]
  criticBatches: ValueDatum[][]
  asked: number[]
}

async function train(
  settings: object,
  {
    engine = createEngine(),
    model = createTabularScalarModel(LETTERS.length),
    lambda = 1,
    ...options
  }: Partial<Omit<PpoOptions, 'config' | 'engine'>> & {
    engine?: TabularEngine
    model?: TabularScalarModel
    lambda?: number
  } = {},
): Promise<Trained> {
  const trained: Trained = {
    engine,
    critic: model,
    steps: [],
    rollouts: [],
    policyBatches: [],
    criticBatches: [],
    asked: [],
  }
  await ppo({
    tokenizer: letterTokenizer(LETTERS),
    renderPrompt: ({ prompt }) => prompt,
    rewards: [startsWithA],
    seed: 1,
    ...options,
    engine: {
      ...engine,
      forwardBackward(batch, objective) {
        trained.policyBatches.push([...batch])
        return engine.forwardBackward(batch, objective)
      },
    },
    critic: {
      ...model,
      forwardBackward(batch, objective) {
        trained.criticBatches.push([...batch])
        return model.forwardBackward(batch, objective)
      },
    },
    config: ppoConfig.parse({
      critic: { learningRate: 0.1, lambda },
      steps: 20,
      groupSize: 8,
      questionsPerStep: 2,
      minibatches: 1,
      maxTokens: 4,
      learningRate: 0.1,
      klWeight: 0,
      aggregation: 'dapo',
      ...settings,
    }),
    question(index) {
      trained.asked.push(index)
      return { task: letterTask, question: letterQuestion('q') }
    },
    async onStep(step) {
      trained.steps.push(step)
      await options.onStep?.(step)
    },
    async onRollout(done) {
      trained.rollouts.push(done)
      await options.onRollout?.(done)
    },
  })
  return trained
}

const metrics = ({ steps }: Trained) => steps.map((step) => [step.step, step.metrics])

describe('learning', () => {
  it('a rewarded token becomes likelier, and the critic learns to foresee the reward', async () => {
    const { engine, critic, steps } = await train({ steps: 40 })
    expect(engine.probabilities(Q)[A]).toBeGreaterThan(0.8)
    const [first, last] = [steps[0]!.metrics, steps.at(-1)!.metrics]
    expect(last.reward).toBeGreaterThan(first.reward!)
    expect(last.valueLoss).toBeLessThan(first.valueLoss!)
    expect(first.explainedVariance).toBeCloseTo(0, 6)
    expect(critic.table[A]).toBeGreaterThan(0.5)
  })

  it('credits the token that mattered where the critic knows, by steps of λ = 0', async () => {
    const model = createTabularScalarModel(LETTERS.length)
    // After q half of the responses are good; after a it is certain, after b it is lost.
    model.table.set([1, 0, 0.5, 0.5])
    const { policyBatches } = await train(
      { steps: 1, groupSize: 64 },
      { model, lambda: 0, rewards: [reward((text) => Number(text.startsWith('a')))] },
    )
    const advantagesAfter = (first: number) =>
      policyBatches[0]!.filter(
        ({ tokens }) => tokens[1] === first && tokens.length === 5 && tokens[2] === first,
      )
    for (const { inputs } of advantagesAfter(A)) {
      const [opening, second] = inputs!.advantages!
      expect(opening).toBeGreaterThan(second! + 0.5)
    }
    expect(advantagesAfter(A).length).toBeGreaterThan(0)
  })

  it('has advantages of mean 0 and deviation 1 over the rollout', async () => {
    const { policyBatches } = await train({ steps: 1 })
    const all = policyBatches[0]!.flatMap(({ weights, inputs }) =>
      Array.from(inputs!.advantages!).filter((_, t) => weights[t] !== 0),
    )
    const mean = all.reduce((sum, a) => sum + a, 0) / all.length
    expect(mean).toBeCloseTo(0, 5)
    expect(all.reduce((sum, a) => sum + (a - mean) ** 2, 0) / (all.length - 1)).toBeCloseTo(1, 4)
  })

  it('with γ = λ = 1 and a critic that knows nothing the returns are the reward', async () => {
    const { criticBatches } = await train({ steps: 1 })
    for (const { tokens, weights, inputs } of criticBatches[0]!) {
      const good = Number(tokens[1] === A)
      // A value before each of the response's tokens: after the last one there is none.
      expect(Array.from(weights, (w) => w !== 0)).toEqual(Array.from(tokens, (_, t) => t < tokens.length - 1))
      expect(Array.from(inputs!.returns!.subarray(0, -1))).toEqual(
        new Array(tokens.length - 1).fill(expect.closeTo(good, 5)),
      )
    }
  })
})

describe('the reference policy', () => {
  const moved = () => createEngine(LETTERS.split('').flatMap(() => [2, 0, 0, 0]))
  const uniform = (): Promise<Snapshot> => createEngine().snapshot()

  it('pulls a policy back that has left it, through the reward', async () => {
    const { engine, steps } = await train(
      { klWeight: 0.5, steps: 30, referenceRefresh: 0, learningRate: 0.1 },
      { engine: moved(), reference: await uniform(), rewards: [reward(() => 0)] },
    )
    expect(engine.probabilities(Q)[A]).toBeLessThan(moved().probabilities(Q)[A]! - 0.2)
    expect(steps[0]!.metrics.kl).toBeGreaterThan(0.1)
    expect(steps.at(-1)!.metrics.kl).toBeLessThan(steps[0]!.metrics.kl! / 3)
  })

  it('makes a long response pay more than a short one', async () => {
    const { criticBatches } = await train(
      { klWeight: 0.5, steps: 1 },
      { engine: moved(), reference: await uniform(), rewards: [reward(() => 0)] },
    )
    // All of a's letter, each of the same penalty: the return of the first token is that of all of them.
    const rows = criticBatches[0]!.filter(({ tokens }) => tokens.subarray(1).every((token) => token === A))
    const penalty = Math.log(moved().probabilities(Q)[A]!) - Math.log(1 / 4)
    expect(rows.length).toBeGreaterThan(0)
    for (const { tokens, inputs } of rows)
      expect(inputs!.returns![0]).toBeCloseTo(-0.5 * penalty * (tokens.length - 1), 4)
  })
})

describe('a run', () => {
  it('asks the same questions as GRPO, and repeats itself', async () => {
    const settings = { steps: 4, minibatches: 2 }
    const first = await train(settings)
    expect(first.asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(metrics(await train(settings))).toEqual(metrics(first))
    expect(first.policyBatches.map(({ length }) => length)).toEqual([16, 16, 16, 16])
  })

  it('continues where it stopped', async () => {
    const whole = await train({ steps: 6, klWeight: 0.1, referenceRefresh: 2 })
    const folder = await mkdtemp(join(tmpdir(), 'r1-ppo-'))
    const stop = new AbortController()
    const [engine, model] = [createEngine(), createTabularScalarModel(LETTERS.length)]
    const first = await train(
      { steps: 6, klWeight: 0.1, referenceRefresh: 2 },
      {
        engine,
        model,
        signal: stop.signal,
        async onRollout({ step, reference }) {
          if (step !== 3) return
          await engine.save(join(folder, 'policy'), { optimizer: true })
          await model.save(join(folder, 'critic'), { optimizer: true })
          await reference!.save(join(folder, 'reference'))
          stop.abort()
        },
      },
    )
    const [again, criticAgain] = [createEngine(), createTabularScalarModel(LETTERS.length)]
    await again.load(join(folder, 'policy'), { optimizer: true })
    await criticAgain.load(join(folder, 'critic'), { optimizer: true })
    const second = await train(
      { steps: 6, klWeight: 0.1, referenceRefresh: 2 },
      {
        engine: again,
        model: criticAgain,
        fromStep: 3,
        reference: await again.loadSnapshot(join(folder, 'reference')),
      },
    )
    expect([...metrics(first), ...metrics(second)]).toEqual(metrics(whole))
    await rm(folder, { recursive: true })
  })

  it('tells the seconds of the critic and the mean advantage of each response', async () => {
    const { steps, rollouts } = await train({ steps: 2 })
    for (const { timing } of steps) expect(timing.criticSeconds).toBeGreaterThan(0)
    for (const { groups } of rollouts)
      for (const { advantages, rollouts: responses } of groups)
        expect(advantages).toHaveLength(responses.length)
  })
})
