/** GRPO on the tabular engine, where every number is exact and a run takes milliseconds. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTask, letterTokenizer } from '../../test/letter-world.ts'
import type { Datum, Snapshot } from '../engine/engine.ts'
import { createTabularEngine, type TabularEngine } from '../engine/reference/tabular-engine.ts'
import { JudgeError } from '../errors.ts'
import { pocket } from '../recipes/presets/pocket.ts'
import type { Reward } from '../rewards/reward.ts'
import { type GrpoOptions, type GrpoStep, grpo, type RolloutDone } from './grpo.ts'
import { type GrpoConfig, grpoConfig } from './grpo-config.ts'

const LETTERS = 'ab.q'
const tokenizer = letterTokenizer(LETTERS)
const [A, B, END, Q] = [0, 1, 2, 3]
const createEngine = (logits?: number[]) =>
  createTabularEngine({ vocabularySize: LETTERS.length, ...(logits && { logits }) })

const reward = (score: (text: string) => number): Reward => ({
  name: 'accuracy',
  weight: 1,
  score: ({ text }) => score(text),
})
const startsWithA = reward((text) => Number(text.startsWith('a')))

type Settings = Partial<GrpoConfig>
const configOf = (settings: Settings) =>
  grpoConfig.parse({
    steps: 20,
    groupSize: 8,
    questionsPerStep: 2,
    minibatches: 1,
    maxTokens: 4,
    learningRate: 0.1,
    klWeight: 0,
    ...settings,
  })

interface Trained {
  engine: TabularEngine
  steps: GrpoStep[]
  rollouts: RolloutDone[]
  /** Every batch the engine was trained on. */
  batches: Datum[][]
  asked: number[]
}

async function train(
  settings: Settings,
  options: Partial<Omit<GrpoOptions, 'config'>> & { engine?: TabularEngine } = {},
): Promise<Trained> {
  const trained: Trained = {
    engine: options.engine ?? createEngine(),
    steps: [],
    rollouts: [],
    batches: [],
    asked: [],
  }
  const { engine } = trained
  const {
    onStep,
    onRollout,
    question = () => ({ task: letterTask, question: letterQuestion('q') }),
  } = options
  await grpo({
    tokenizer,
    renderPrompt: ({ prompt }) => prompt,
    rewards: [startsWithA],
    seed: 1,
    ...options,
    engine: {
      ...engine,
      forwardBackward(batch, objective) {
        trained.batches.push([...batch])
        return engine.forwardBackward(batch, objective)
      },
    },
    config: configOf(settings),
    question(index) {
      trained.asked.push(index)
      return question(index)
    },
    async onStep(step) {
      trained.steps.push(step)
      await onStep?.(step)
    },
    async onRollout(done) {
      trained.rollouts.push(done)
      await onRollout?.(done)
    },
  })
  return trained
}

const metrics = ({ steps }: Trained) => steps.map((step) => [step.step, step.metrics])

describe('learning', () => {
  it('a rewarded token becomes likelier, and the metrics show it', async () => {
    const trained = await train({})
    expect(trained.engine.probabilities(Q)[A]).toBeGreaterThan(0.6)
    expect(trained.steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    const [first, last] = [trained.steps[0]!.metrics, trained.steps.at(-1)!.metrics]
    expect(last.reward).toBeGreaterThan(first.reward!)
    expect(last.accuracy).toBe(last.reward)
  })

  it('a punished one becomes less likely', async () => {
    const { engine } = await train({}, { rewards: [reward((text) => -Number(text.startsWith('a')))] })
    expect(engine.probabilities(Q)[A]).toBeLessThan(0.1)
  })

  it('advantages have the sign of the reward against its group, and sum to zero', async () => {
    const { rollouts } = await train({ steps: 3 })
    const groups = rollouts.flatMap(({ groups }) => groups)
    expect(groups.length).toBe(6)
    for (const { rollouts: responses, advantages } of groups) {
      const mean = responses.reduce((sum, r) => sum + r.reward, 0) / responses.length
      expect(advantages.reduce((sum, a) => sum + a, 0)).toBeCloseTo(0, 9)
      responses.forEach(({ reward }, i) => {
        expect(Math.sign(advantages[i]!)).toBe(Math.sign(reward - mean))
      })
    }
  })

  it('groups of equal rewards change nothing', async () => {
    const { engine, steps } = await train({ steps: 4 }, { rewards: [reward(() => 1)] })
    expect(engine.logits).toEqual(createEngine().logits)
    for (const { metrics } of steps)
      expect(metrics).toMatchObject({ gradientNorm: 0, groupsWithSignal: 0, reward: 1 })
  })

  it('prompt tokens are never trained', async () => {
    const { batches } = await train(
      { steps: 2 },
      { question: () => ({ task: letterTask, question: letterQuestion('bbq') }) },
    )
    for (const { tokens, weights } of batches.flat()) {
      expect(Array.from(tokens.subarray(0, 3))).toEqual([B, B, Q])
      expect(Array.from(weights.subarray(0, 2))).toEqual([0, 0])
      expect(weights.subarray(2).every((weight) => weight > 0)).toBe(true)
    }
  })

  it('the learning rate follows its schedule', async () => {
    const { steps } = await train({ steps: 4, warmupSteps: 2, decay: 'linear', finalShare: 0.5 })
    expect(steps.map(({ metrics }) => metrics.learningRate)).toEqual([0.05, 0.1, 0.1, 0.05])
  })
})

describe('the reference policy', () => {
  const constant = { rewards: [reward(() => 1)] }
  /** A policy that has moved away from the uniform reference. */
  const moved = () => createEngine(LETTERS.split('').flatMap(() => [2, 0, 0, 0]))
  const uniform = () => createEngine().snapshot()

  it('pulls a policy back that has left it', async () => {
    const { engine, steps } = await train(
      { klWeight: 1, steps: 12, referenceRefresh: 0, learningRate: 0.2 },
      { engine: moved(), reference: await uniform(), ...constant },
    )
    expect(engine.probabilities(Q)[A]).toBeLessThan(moved().probabilities(Q)[A]! - 0.2)
    expect(steps[0]!.metrics.kl).toBeGreaterThan(0.1)
    expect(steps.at(-1)!.metrics.kl).toBeLessThan(steps[0]!.metrics.kl! / 4)
  })

  it('is the policy itself at the start, where none is given', async () => {
    const { steps } = await train({ klWeight: 1, steps: 1 }, { engine: moved(), ...constant })
    // Reference log-probabilities are float32, so what is left is their rounding.
    expect(steps[0]!.metrics.kl).toBeCloseTo(0, 12)
    expect(steps[0]!.metrics.gradientNorm).toBeLessThan(1e-6)
  })

  it.each([
    [2, [true, true, true]],
    [4, [false, true, true]],
    [0, [false, false, false]],
  ])('is refreshed every %i steps', async (referenceRefresh, refreshed) => {
    const { rollouts } = await train({ klWeight: 0.1, steps: 6, minibatches: 2, referenceRefresh })
    const scores = await Promise.all(
      rollouts.map(async ({ reference }) => (await reference!.logprobs([Int32Array.of(Q, A)]))[0]![0]!),
    )
    expect(scores.map((score) => Math.abs(score - Math.log(1 / 4)) > 1e-6)).toEqual(refreshed)
  })

  it('costs nothing where no KL term needs it', async () => {
    const reference = await uniform()
    let scored = 0
    const counting: Snapshot = {
      ...reference,
      logprobs: (s) => {
        scored++
        return reference.logprobs(s)
      },
    }
    const trained = await train({ klWeight: 0, steps: 2 }, { reference: counting })
    expect(scored).toBe(0)
    expect(trained.rollouts.map((done) => done.reference)).toEqual([undefined, undefined])
    expect(trained.batches.flat().some(({ inputs }) => 'referenceLogprobs' in inputs!)).toBe(false)
  })
})

describe('minibatches', () => {
  const responseOf = ({ inputs, tokens }: Datum) => `${tokens}/${inputs!.advantages}`

  it('each response is used once an epoch, in an order that differs', async () => {
    const trained = await train({
      steps: 6,
      minibatches: 3,
      innerEpochs: 2,
      groupSize: 4,
      questionsPerStep: 2,
      klWeight: 0.1,
    })
    expect(trained.rollouts.map(({ step }) => step)).toEqual([6])
    expect(trained.batches.map((batch) => batch.length)).toEqual([8, 8, 8, 8, 8, 8])
    const epochs = [trained.batches.slice(0, 3), trained.batches.slice(3)].map((part) => part.flat())
    const sampled = trained.rollouts[0]!.groups.flatMap(({ rollouts }) =>
      rollouts.map(({ prompt, tokens }) => [...prompt, ...tokens].join()),
    )
    for (const epoch of epochs)
      expect(epoch.map(({ tokens }) => tokens.join()).sort()).toEqual(sampled.toSorted())
    const [first, second] = epochs.map((epoch) => epoch.map(responseOf))
    expect(second!.toSorted()).toEqual(first!.toSorted())
    expect(second).not.toEqual(first)
    expect(first).not.toEqual(sampled)
  })

  it('later updates are off policy: ratios leave 1', async () => {
    const { steps } = await train({ steps: 4, minibatches: 4 })
    expect(steps[0]!.metrics.ratio).toBeCloseTo(1, 6)
    expect(steps[3]!.metrics.ratio).not.toBeCloseTo(1, 3)
  })

  it('the last rollout ends with the steps', async () => {
    const { rollouts, steps } = await train({ steps: 5, minibatches: 3 })
    expect([steps.length, rollouts.map(({ step }) => step)]).toEqual([5, [3, 5]])
  })
})

describe('aggregation', () => {
  it.each(['grpo', 'dapo', 'dr_grpo'] as const)(
    '%s weighs each token as its paper says',
    async (aggregation) => {
      const { batches } = await train({ steps: 1, aggregation })
      const [batch] = batches as [Datum[]]
      const lengths = batch.map(({ tokens }) => tokens.length - 1)
      const total = lengths.reduce((sum, length) => sum + length, 0)
      expect(new Set(lengths).size).toBeGreaterThan(1)
      batch.forEach(({ weights }, i) => {
        const each = { grpo: 1 / (16 * lengths[i]!), dapo: 1 / total, dr_grpo: 1 / (16 * 4) }[aggregation]
        for (const weight of weights) expect(weight).toBeCloseTo(each, 7)
      })
    },
  )

  it('maskTruncated leaves out what was cut', async () => {
    const { batches } = await train({ steps: 1, maskTruncated: true, maxTokens: 2 })
    const cut = batches[0]!.filter(({ tokens }) => tokens.at(-1) !== END)
    expect(cut.length).toBeGreaterThan(0)
    expect(cut.length).toBeLessThan(16)
    for (const { tokens, weights } of batches[0]!)
      expect(weights.every((weight) => weight > 0 === (tokens.at(-1) === END))).toBe(true)
  })
})

describe('dynamic sampling', () => {
  /** Every third question cannot be got wrong. */
  const question = (index: number) => ({ task: letterTask, question: letterQuestion('q', index) })
  const hard: Reward = {
    name: 'accuracy',
    weight: 1,
    score: ({ question: { id }, text }) => (Number(id.slice(1)) % 3 === 0 ? 1 : Number(text.startsWith('a'))),
  }

  it('replaces groups that teach nothing by those of further questions', async () => {
    const { rollouts, asked, batches } = await train(
      { steps: 2, questionsPerStep: 4, dynamicSampling: 6 },
      { question, rewards: [hard] },
    )
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.slice(0, 4)).toEqual([0, 1, 2, 3])
    // The second rollout begins where the first one's last round could have ended.
    expect(asked.filter((index) => index >= 28).slice(0, 4)).toEqual([28, 29, 30, 31])
    for (const { groups } of rollouts) {
      expect(groups.length).toBe(4)
      for (const group of groups) expect(new Set(group.rollouts.map((r) => r.reward)).size).toBe(2)
    }
    expect(batches.map((batch) => batch.length)).toEqual([32, 32])
  })

  it('takes what there is once its rounds are over', async () => {
    const { rollouts, asked } = await train(
      { steps: 1, questionsPerStep: 2, dynamicSampling: 2 },
      { rewards: [reward(() => 1)] },
    )
    expect(asked).toEqual([0, 1, 2, 3, 4, 5])
    expect(rollouts[0]!.groups.length).toBe(2)
  })

  it('counts the tokens of all that it drew, and the groups that it dropped', async () => {
    const lengths: number[] = []
    const counted: Reward = {
      ...hard,
      score(response) {
        lengths.push(response.numTokens)
        return hard.score(response)
      },
    }
    const { steps, asked } = await train(
      { steps: 1, questionsPerStep: 4, dynamicSampling: 6 },
      { question, rewards: [counted] },
    )
    expect(asked.length).toBeGreaterThan(4)
    expect(steps[0]!.metrics).toMatchObject({
      sampledTokens: lengths.reduce((sum, length) => sum + length),
      droppedGroups: asked.length - 4,
    })
  })
})

describe('the preset pocket', () => {
  it('trains on 16 minibatches of a rollout, clips, and renews its reference after 400 updates', async () => {
    // A table of logits wants larger steps than a network.
    const { steps, rollouts } = await train({ ...pocket.grpo, steps: 480, maxTokens: 4, learningRate: 0.03 })
    expect(steps).toHaveLength(480)
    expect(rollouts).toHaveLength(30)
    const course = (key: string) => steps.map(({ metrics }) => metrics[key] ?? 0)
    const ages = course('policyAge')
    expect(ages.slice(0, 32)).toEqual([...Array(16).keys(), ...Array(16).keys()])
    const [ratio, clipped, kl] = [course('ratio'), course('clipShare'), course('kl')]
    for (const [i, age] of ages.entries())
      if (age === 0) expect([ratio[i], clipped[i]]).toEqual([expect.closeTo(1, 5), 0])
    expect(ages.filter((age, i) => age > 0 && clipped[i]! > 0).length).toBeGreaterThan(20)
    expect(ages.filter((age, i) => age > 0 && Math.abs(ratio[i]! - 1) > 1e-3).length).toBeGreaterThan(200)
    expect(course('referenceRenewed').flatMap((renewed, i) => (renewed > 0 ? [i + 1] : []))).toEqual([400])
    expect(kl[399]).toBeGreaterThan(10 * kl[400]!)
  })
})

describe('a judge that fails', () => {
  const question = (index: number) => ({ task: letterTask, question: letterQuestion('q', index) })
  const judged = (fails: (id: string) => boolean): Reward => ({
    ...reward((text) => Number(text.startsWith('a'))),
    score({ question: { id }, text }) {
      if (fails(id)) throw new JudgeError('no reply.')
      return Number(text.startsWith('a'))
    },
  })

  it('teaches nothing: its question is left out and counted, and the others teach', async () => {
    const { steps, rollouts } = await train(
      { steps: 1, questionsPerStep: 4 },
      { question, rewards: [judged((id) => id === 'q2')] },
    )
    expect(rollouts[0]!.groups.map((group) => group.question.id)).toEqual(['q0', 'q1', 'q3'])
    expect(steps[0]!.metrics.unjudgedGroups).toBe(1)
  })

  it('on every question ends the run with its reason', async () => {
    await expect(
      train({ steps: 1, questionsPerStep: 4 }, { question, rewards: [judged(() => true)] }),
    ).rejects.toThrow(/no response of this rollout has a verdict: no reply\. See to the judge/)
  })
})

describe('responses without an advantage', () => {
  // The first question's responses are all alike, so only the second one's can teach.
  const question = (index: number) => ({
    task: letterTask,
    question: letterQuestion(index % 2 === 0 ? 'b' : 'q'),
  })
  const rewards = [reward((text) => Number(text.startsWith('a')))]
  const engine = () => createEngine([0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0])

  it.each([
    [{}, 8],
    [{ importanceCap: 2 }, 8],
    [{ klWeight: 0.1 }, 16],
    [{ entropyWeight: 0.1 }, 16],
  ])('%j: the batch has %d', async (settings, count) => {
    const { batches, rollouts, steps } = await train(
      { steps: 1, ...settings },
      { engine: engine(), question, rewards },
    )
    expect(rollouts[0]!.groups.flatMap(({ advantages }) => advantages.filter((a) => a !== 0))).toHaveLength(8)
    expect(batches[0]).toHaveLength(count)
    // The means are still over all sixteen.
    for (const { weights } of batches[0]!) expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1 / 16, 6)
    expect(steps[0]!.metrics.gradientNorm).toBeGreaterThan(0)
  })

  it('a step of them alone changes nothing', async () => {
    const { engine: trained, steps } = await train({ steps: 2 }, { rewards: [reward(() => 1)] })
    expect(trained.probabilities(Q)[A]).toBe(0.25)
    expect(steps[1]!.metrics).toMatchObject({ loss: 0, gradientNorm: 0, ratio: 1 })
  })
})

describe('importanceCap', () => {
  it('weighs the tokens of another sampler', async () => {
    const sampler = createEngine([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0])
    const { batches, rollouts } = await train({ steps: 1, importanceCap: 1.5 }, { sampler })
    const advantages = rollouts[0]!.groups.flatMap((group) => group.advantages)
    batches[0]!.forEach(({ tokens, inputs }, i) => {
      const drawn = sampler.probabilities(Q)[tokens[1]!]!
      expect(inputs!.advantages![0]).toBeCloseTo(advantages[i]! * Math.min(0.25 / drawn, 1.5), 5)
    })
  })

  it('changes nothing where the sampler is the policy', async () => {
    const [plain, corrected] = [await train({ steps: 4 }), await train({ steps: 4, importanceCap: 2 })]
    corrected.steps.forEach(({ metrics }, i) => {
      expect(metrics.gradientNorm).toBeCloseTo(plain.steps[i]!.metrics.gradientNorm!, 5)
    })
  })

  it('weighs advantages by π_old / π_sampler, at most the cap', async () => {
    const engine = createEngine()
    // A sampler that thinks each token half, or an eighth, as likely as the policy does.
    const shift = (token: number) => (token === A ? Math.log(2) : Math.log(8))
    const { batches, rollouts } = await train(
      { steps: 1, importanceCap: 3 },
      {
        engine: {
          ...engine,
          async sample(requests) {
            const groups = await engine.sample(requests)
            for (const { tokens, logprobs } of groups.flat())
              logprobs.set(logprobs.map((logprob, t) => logprob - shift(tokens[t]!)))
            return groups
          },
        },
      },
    )
    const advantages = rollouts[0]!.groups.flatMap((group) => group.advantages)
    batches[0]!.forEach(({ tokens, inputs }, i) => {
      tokens.subarray(1).forEach((token, t) => {
        expect(inputs!.advantages![t]).toBeCloseTo(advantages[i]! * (token === A ? 2 : 3), 5)
        expect(inputs!.oldLogprobs![t]).toBeCloseTo(Math.log(1 / 4), 5)
      })
    })
  })
})

it('an update that the engine dropped is in its line, and no other is', async () => {
  const engine = createEngine()
  let updates = 0
  const { steps } = await train(
    { steps: 3 },
    {
      engine: {
        ...engine,
        async optimStep(settings) {
          const done = await engine.optimStep(settings)
          return ++updates === 2 ? { gradientNorm: Number.NaN, dropped: true } : done
        },
      },
    },
  )
  expect(steps.map(({ metrics }) => metrics.droppedUpdate)).toEqual([undefined, 1, undefined])
})

describe('resume', () => {
  const settings = { steps: 12, minibatches: 2, klWeight: 0.1, referenceRefresh: 4 }

  it('from a saved rollout is the run that was never stopped', async () => {
    const whole = await train(settings)
    const folder = await mkdtemp(join(tmpdir(), 'r1-grpo-'))
    const stop = new AbortController()
    const engine = createEngine()
    const first = await train(settings, {
      engine,
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === 5) stop.abort()
      },
      async onRollout({ step, reference }) {
        if (step !== 6) return
        await engine.save(folder, { optimizer: true })
        await reference!.save(join(folder, 'reference'))
      },
    })
    const resumed = createEngine()
    await resumed.load(folder, { optimizer: true })
    const reference = await resumed.loadSnapshot(join(folder, 'reference'))
    const second = await train(settings, { engine: resumed, reference, fromStep: 6 })
    expect([...metrics(first), ...metrics(second)]).toEqual(metrics(whole))
    expect(resumed.logits).toEqual(whole.engine.logits)
    await rm(folder, { recursive: true })
  })

  it('the same seed gives the same run, another seed another one', async () => {
    const [one, again, other] = [
      await train(settings),
      await train(settings),
      await train(settings, { seed: 2 }),
    ]
    expect(metrics(again)).toEqual(metrics(one))
    expect(metrics(other)).not.toEqual(metrics(one))
  })
})

describe('abort', () => {
  it('between updates: the rollout is finished first', async () => {
    const stop = new AbortController()
    const { steps, rollouts } = await train(
      { minibatches: 4 },
      { signal: stop.signal, onStep: ({ step }) => (step === 2 ? stop.abort() : undefined) },
    )
    expect([steps.length, rollouts.map(({ step }) => step)]).toEqual([4, [4]])
  })

  it('while sampling: the rollout is dropped, and what came before can be saved', async () => {
    const stop = new AbortController()
    const stopped: (number | undefined)[] = []
    let answers = 0
    const { steps, rollouts, engine } = await train(
      { steps: 20, klWeight: 0.1 },
      {
        signal: stop.signal,
        rewards: [
          reward((text) => {
            // In the midst of the third rollout of 16 responses.
            if (++answers === 2 * 16 + 5) stop.abort()
            return Number(text.startsWith('a'))
          }),
        ],
        onStop({ step, reference }) {
          stopped.push(step, reference === undefined ? 0 : 1)
        },
      },
    )
    expect([steps.length, rollouts.map(({ step }) => step), stopped]).toEqual([2, [1, 2], [2, 1]])
    expect(engine.gradient.every((value) => value === 0)).toBe(true)
  })

  it('before the start: nothing is asked', async () => {
    const { asked, steps } = await train({}, { signal: AbortSignal.abort() })
    expect([asked, steps]).toEqual([[], []])
  })
})
