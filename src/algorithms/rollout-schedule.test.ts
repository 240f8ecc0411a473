import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { letterQuestion, letterTask, letterTokenizer } from '../../test/letter-world.ts'
import { type Latencies, latencies7B, slowEngine } from '../../test/slow-engine.ts'
import { inVirtualTime } from '../../test/virtual-clock.ts'
import { createTabularEngine, type TabularEngine } from '../engine/reference/tabular-engine.ts'
import { readBegun, writeBegun } from './begun-rollouts.ts'
import { type GrpoOptions, type GrpoStep, grpo, type RolloutDone } from './grpo.ts'
import { type GrpoConfig, grpoConfig } from './grpo-config.ts'
import { type BegunPart, type ScheduleOptions, scheduleRollouts } from './rollout-schedule.ts'

const tokenizer = letterTokenizer('ab.q')
const createEngine = () => createTabularEngine({ vocabularySize: 4 })

interface Trained {
  engine: TabularEngine
  steps: GrpoStep[]
  rollouts: RolloutDone[]
  asked: string[]
}

async function train(
  settings: Partial<GrpoConfig>,
  latencies: Latencies,
  options: Partial<Omit<GrpoOptions, 'config' | 'engine'>> & { engine?: TabularEngine } = {},
): Promise<Trained & { seconds: number }> {
  const { engine = createEngine(), ...rest } = options
  const trained: Trained = { engine, steps: [], rollouts: [], asked: [] }
  const { seconds } = await inVirtualTime(() =>
    grpo({
      tokenizer,
      renderPrompt: ({ prompt }) => prompt,
      rewards: [{ name: 'accuracy', weight: 1, score: ({ text }) => Number(text.startsWith('a')) }],
      seed: 1,
      question: (index) => ({ task: letterTask, question: letterQuestion('q', index) }),
      ...rest,
      engine: slowEngine(engine, latencies),
      config: grpoConfig.parse({
        steps: 20,
        groupSize: 4,
        questionsPerStep: 3,
        minibatches: 1,
        maxTokens: 4,
        learningRate: 0.05,
        klWeight: 0.01,
        ...settings,
      }),
      async onStep(step) {
        trained.steps.push(step)
        await rest.onStep?.(step)
      },
      async onRollout(done) {
        trained.rollouts.push(done)
        await rest.onRollout?.(done)
      },
    }),
  )
  return { ...trained, seconds }
}

const even: Latencies = { sample: () => 10, train: 10 }
const metrics = ({ steps }: Trained) => steps.map(({ step, metrics }) => [step, metrics])
const questions = ({ rollouts }: Trained) =>
  rollouts.map(({ groups }) => groups.map(({ question }) => Number(question.id.slice(1))))

describe('staleness', () => {
  it('0 takes turns, and adds nothing to the metrics', async () => {
    const { seconds, steps } = await train({}, even)
    expect(seconds).toBe(20 * 20)
    expect(steps.every(({ metrics }) => !('staleness' in metrics))).toBe(true)
  })

  it('1 samples the next rollout while training on this one', async () => {
    const { seconds, steps } = await train({ staleness: 1 }, even)
    expect(seconds).toBe(10 + 20 * 10)
    expect(steps.map(({ metrics }) => metrics.staleness)).toEqual([0, ...Array(19).fill(1)])
  })

  it('more helps where sampling takes longer than training', async () => {
    const slow = { sample: () => 30, train: 10 }
    const seconds = async (staleness: number) => (await train({ staleness }, slow)).seconds
    expect(await seconds(0)).toBe(20 * 40)
    // Two rollouts are on their way at a time, so one in two is waited for.
    expect(await seconds(1)).toBe(10 * (30 + 10) + 10)
    expect(await seconds(3)).toBe(30 + 20 * 10)
  })

  it('each rollout is sampled by the weights of as many rollouts before', async () => {
    const { rollouts, steps } = await train({ staleness: 2, minibatches: 2, steps: 12 }, even)
    expect(steps.filter((_, i) => i % 2 === 0).map(({ metrics }) => metrics.staleness)).toEqual([
      0, 1, 2, 2, 2, 2,
    ])
    const first = rollouts.map(({ groups: [group] }) => group!.rollouts[0]!.logprobs[0])
    expect(first.slice(0, 3).every((logprob) => logprob === Math.fround(Math.log(1 / 4)))).toBe(true)
    expect(first[3]).not.toBe(first[0])
  })

  it('asks every question once, in the order of taking turns', async () => {
    const [turns, ahead] = [await train({}, even), await train({ staleness: 2 }, even)]
    expect(questions(ahead)).toEqual(questions(turns))
  })

  it('learns, by the ratio to the old policy as by the truncated weight', async () => {
    for (const importanceCap of [null, 2]) {
      const { engine } = await train({ staleness: 1, importanceCap, steps: 30, learningRate: 0.1 }, even)
      expect(engine.probabilities(3)[0]).toBeGreaterThan(0.6)
    }
  })

  it('old policies are told apart from the present one: ratios leave 1, and with the cap they do not', async () => {
    const last = async (importanceCap: number | null) =>
      (await train({ staleness: 1, importanceCap }, even)).steps.at(-1)!.metrics.ratio!
    expect(await last(null)).not.toBeCloseTo(1, 3)
    expect(await last(2)).toBeCloseTo(1, 6)
  })

  it('raises steps an hour by more than 1.6 with the latencies of a 7B model', async () => {
    const settings = { questionsPerStep: 8, groupSize: 16, minibatches: 1 }
    const latencies = latencies7B(settings, { sampling: 8, training: 8 })
    const seconds = async (staleness: number) =>
      (await train({ ...settings, steps: 12, staleness }, latencies)).seconds
    expect((await seconds(0)) / (await seconds(1))).toBeGreaterThan(1.6)
  })

  it('a sampler that fails is an error of the run, wherever it is noticed', async () => {
    const failing = { ...even, sample: ({ seed }: { seed: number }) => fail(seed) }
    const fail = (seed: number) => {
      if (seed % 7 === 0) throw new Error('sampler broke')
      return 10
    }
    await expect(train({ staleness: 1, steps: 40 }, failing)).rejects.toThrow('sampler broke')
  })

  it('dynamic sampling continues', async () => {
    const { rollouts } = await train({ staleness: 1, dynamicSampling: 5, steps: 6 }, even)
    for (const { groups } of rollouts)
      for (const { rollouts: responses } of groups)
        expect(new Set(responses.map((r) => r.reward)).size).toBe(2)
  })
})

describe('a deadline', () => {
  /** Question 1 of each rollout takes 25 s, the others 10. */
  const straggling = (slow: number): Latencies => {
    let count = 0
    return { sample: () => (count++ % 3 === 1 ? slow : 10), train: 5 }
  }

  it('a late group does not hold the step, and joins the next one', async () => {
    const { seconds, steps, rollouts } = await train({ deadline: 12, steps: 5 }, straggling(25))
    expect(seconds).toBe(5 * (12 + 5))
    expect(steps.map(({ metrics: { lateGroups, joinedGroups } }) => [lateGroups, joinedGroups])).toEqual([
      [1, 0],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ])
    expect(questions({ rollouts } as Trained)).toEqual([
      [0, 2],
      [1, 3, 5],
      [4, 6, 8],
      [7, 9, 11],
      [10, 12, 14],
    ])
    expect(steps[1]!.metrics.staleness).toBeCloseTo(1 / 3, 9)
  })

  it('nothing is lost but what is late at the end', async () => {
    const trained = await train({ deadline: 12, staleness: 1, steps: 9 }, straggling(60))
    const used = questions(trained).flat()
    const { lateGroups } = trained.steps.at(-1)!.metrics
    const late = trained.steps.reduce(
      (sum, { metrics }) => sum + metrics.lateGroups! - metrics.joinedGroups!,
      0,
    )
    expect(new Set(used).size).toBe(used.length)
    expect(used.length + late).toBe(27)
    expect(lateGroups).toBeGreaterThan(0)
  })

  it('waits for the whole rollout where it is in time', async () => {
    const { seconds, steps } = await train({ deadline: 60, steps: 3 }, straggling(25))
    expect(seconds).toBe(3 * (25 + 5))
    expect(steps.every(({ metrics }) => metrics.lateGroups === 0)).toBe(true)
  })

  it('waits longer for a response to each minibatch', async () => {
    const { seconds, rollouts } = await train(
      { deadline: 1, steps: 6, minibatches: 6, questionsPerStep: 1, groupSize: 4, klWeight: 0 },
      { sample: () => 10, train: 1 },
    )
    expect(rollouts[0]!.groups.length).toBeGreaterThanOrEqual(2)
    expect(seconds).toBe(10 + 6)
  })

  it('and dynamic sampling exclude each other', async () => {
    await expect(train({ deadline: 1, dynamicSampling: 1 }, even)).rejects.toThrow(
      /^grpo\.deadline is 1: cannot/,
    )
  })
})

describe('resume', () => {
  const SETTINGS = { steps: 12, minibatches: 2, staleness: 2, klWeight: 0.1, referenceRefresh: 4 }

  it.each([
    ['after a rollout', 4, {}],
    ['at Ctrl-C, which waits for what is being sampled', 5, {}],
    ['with groups that were dropped', 4, { dynamicSampling: 2 }],
  ])('%s is the run that was never stopped', async (_, stopAfter, more) => {
    const settings = { ...SETTINGS, ...more }
    const whole = await train(settings, even)
    const folder = await mkdtemp(join(tmpdir(), 'r1-schedule-'))
    const stop = new AbortController()
    const engine = createEngine()
    let saved = 0
    const first = await train(settings, even, {
      engine,
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === stopAfter) stop.abort()
      },
      async onRollout({ step, reference, begun }) {
        if (!stop.signal.aborted) return
        saved = step
        await engine.save(folder, { optimizer: true })
        await reference!.save(join(folder, 'reference'))
        await writeBegun(folder, await begun!())
      },
    })
    const resumed = createEngine()
    await resumed.load(folder, { optimizer: true })
    const begun = await readBegun(folder)
    expect(begun.every(({ groups }) => groups !== undefined)).toBe(true)
    const second = await train(settings, even, {
      engine: resumed,
      reference: await resumed.loadSnapshot(join(folder, 'reference')),
      begun,
      fromStep: saved,
    })
    expect(saved).toBeLessThan(12)
    expect([...metrics(first), ...metrics(second)]).toEqual(metrics(whole))
    expect(resumed.logits).toEqual(whole.engine.logits)
    await rm(folder, { recursive: true })
  })

  it('with a deadline what was late is sampled again', async () => {
    let begun: BegunPart[] = []
    const settings = { deadline: 12, steps: 4 }
    const slow = { sample: ({ seed }: { seed: number }) => (seed % 2 === 0 ? 10 : 100), train: 5 }
    const first = await train(settings, slow, {
      async onRollout(done) {
        if (done.step === 2) begun = await done.begun!()
      },
    })
    const late = begun.filter(({ groups }) => groups === undefined)
    expect(late.length).toBeGreaterThan(0)
    const second = await train(settings, even, { begun, fromStep: 2 })
    const used = [...questions(first).slice(0, 2), ...questions(second)].flat()
    expect(used.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i))
  })
})

describe('scheduleRollouts', () => {
  it('gives up what is late when it is closed, and frees the copies of the weights', async () => {
    let open = 0
    const policy = { sample: async () => [], logprobs: async () => [] }
    const signals: (AbortSignal | undefined)[] = []
    const options: ScheduleOptions = {
      engine: {
        ...policy,
        async snapshot() {
          open++
          return { ...policy, save: async () => {}, close: () => void open-- }
        },
      },
      ...{ staleness: 1, deadline: 1, from: 0, end: 9, parts: 2, fewestParts: 1 },
      async sample(_, rollout, part, signal) {
        signals.push(signal)
        if (part === 1) await new Promise((resolve) => signal!.addEventListener('abort', resolve))
        const groups = [{ question: letterQuestion('q', rollout), rollouts: [] }]
        return { groups, dropped: { groups: 0, tokens: 0, unjudged: 0 } }
      },
    }
    await inVirtualTime(async () => {
      const schedule = scheduleRollouts(options)
      expect(await schedule.take(0)).toMatchObject({ late: 1, joined: 0, staleness: [0] })
      expect(open).toBe(2)
      schedule.close()
      await new Promise((resolve) => setTimeout(resolve, 1))
    })
    expect(signals.every((signal) => signal!.aborted)).toBe(true)
    expect(open).toBe(0)
  })
})
