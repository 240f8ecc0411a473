/** Each rule on a course made to have its illness, and on one that has not. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { StepNumbers } from '../run/metrics.ts'
import type { SeenGroup, SeenResponse } from './course.ts'
import { openDoctor } from './examine.ts'
import type { Finding } from './rule.ts'
import { loops } from './rules/repetition.ts'
import { RULES } from './rules.ts'

const SETTINGS = { updatesPerRollout: 1, maxTokens: 100, onPolicy: true }

/** A step of a healthy run that is a share `t` of its way through. */
const healthy = (step: number, t: number): StepNumbers => ({
  step,
  reward: 0.3 + 1.6 * t,
  accuracy: 0.18 + 0.7 * t,
  format: 0.17 + 0.8 * t,
  meanTokens: 25 + 100 * t,
  truncatedShare: 0.02,
  mixedLanguageShare: 0.1,
  groupsWithSignal: 0.9 - 0.3 * t,
  kl: 0.1 * t,
  entropy: 0.9 - 0.7 * t,
  clipShare: 0,
  ratio: 1.0001,
  loss: 0.05,
  gradientNorm: 0.5,
  learningRate: 2e-4,
  updateSize: 2e-3,
})

const response = (sample: number, over: Partial<SeenResponse> = {}): SeenResponse => {
  const accuracy = Number(sample % 3 === 0)
  const format = Number(sample % 2 === 0)
  return {
    sample,
    text: `<think> try ${sample} + 1 = ${sample + 1} </think> <answer> ${sample} </answer>`,
    tokens: 20 + sample,
    truncated: false,
    rewards: { accuracy, format },
    reward: accuracy + format,
    ...over,
  }
}

const groupOf = (make: (sample: number) => Partial<SeenResponse>): SeenGroup[] =>
  [0, 1].map((group) => ({
    group,
    question: `q${group}`,
    responses: Array.from({ length: 8 }, (_, sample) => response(sample, make(sample))),
  }))

interface Illness {
  /** What is different in step `step` of 30. */
  metrics?: (step: number) => Record<string, number>
  responses?: (sample: number) => Partial<SeenResponse>
  evaluations?: StepNumbers[]
  /** The step at which the rule speaks. */
  at: number
}

function findingsOf({ metrics = () => ({}), responses = () => ({}), evaluations = [] }: Illness): Finding[] {
  const doctor = openDoctor(SETTINGS)
  const found: Finding[] = []
  for (let step = 1; step <= 30; step++) {
    doctor.step({ ...healthy(step, step / 30), ...metrics(step) })
    for (const evaluation of evaluations) if (evaluation.step === step) doctor.evaluation(evaluation)
    doctor.rollout({ step, groups: groupOf(responses) })
    found.push(...doctor.look())
  }
  return found
}

const parts = (rewards: Record<string, number>, weights: Record<string, number>) => ({
  rewards,
  reward: Object.entries(rewards).reduce((sum, [name, score]) => sum + score * (weights[name] ?? 1), 0),
})
const wrong = { rewards: { accuracy: 0, format: 1 }, reward: 1 }
const flat = { reward: 1, accuracy: 0.2, format: 0.5, meanTokens: 25 }

const ILL: Record<string, Illness> = {
  'dropped-update': { metrics: (step) => (step === 4 ? { droppedUpdate: 1 } : {}), at: 4 },
  'update-too-large': { metrics: () => ({ updateSize: 3 }), at: 1 },
  'update-too-small': { metrics: () => ({ updateSize: 1e-11 }), at: 5 },
  'sampler-mismatch': { metrics: () => ({ ratio: 1.3 }), at: 2 },
  truncation: {
    metrics: () => ({ truncatedShare: 0.8 }),
    responses: (sample) => (sample < 6 ? { truncated: true, reward: 0 } : {}),
    at: 2,
  },
  'form-never-met': { metrics: () => ({ format: 0 }), at: 3 },
  'constant-part': {
    responses: (sample) => parts({ ...response(sample).rewards, polite: 0.5 } as Record<string, number>, {}),
    at: 5,
  },
  'cancelling-parts': {
    metrics: () => ({ 'weight:format': 0 }),
    responses: (sample) => parts({ accuracy: Number(sample < 4), brief: -0.9 * Number(sample < 4) }, {}),
    at: 3,
  },
  'dominating-part': {
    responses: (sample) =>
      parts({ ...response(sample).rewards, long: 20 * sample } as Record<string, number>, {}),
    at: 3,
  },
  'reward-hacking': {
    metrics: (step) => ({ reward: 0.1 * step, accuracy: 0.6 - 0.02 * step, meanTokens: 25 }),
    at: 10,
  },
  'never-right': { metrics: () => ({ ...flat, accuracy: 0 }), at: 5 },
  'no-signal': {
    metrics: () => ({ ...flat, groupsWithSignal: 0.02 }),
    responses: () => wrong,
    at: 3,
  },
  'form-alone': { metrics: (step) => ({ ...flat, format: Math.min(1, 0.2 + 0.1 * step) }), at: 16 },
  repetition: {
    responses: (sample) => (sample < 4 ? { text: `so ${'again and '.repeat(20)}` } : {}),
    at: 2,
  },
  gibberish: {
    metrics: (step) => (step < 6 ? { ...flat, accuracy: 0.3 } : { ...flat, entropy: 3.5, accuracy: 0.1 }),
    at: 8,
  },
  'entropy-collapse': {
    metrics: (step) => (step < 8 ? flat : { ...flat, entropy: 0.01, groupsWithSignal: 0.12 }),
    at: 12,
  },
  'length-runaway': { metrics: (step) => ({ ...flat, reward: 1, meanTokens: 20 + 10 * step }), at: 15 },
  'length-shrinking': {
    metrics: (step) => ({ reward: 1, accuracy: 0.5 - 0.01 * step, meanTokens: 100 / step }),
    at: 10,
  },
  'language-drift': { metrics: (step) => ({ ...flat, mixedLanguageShare: step / 30 }), at: 17 },
  solved: {
    metrics: () => ({ groupsWithSignal: 0.02 }),
    responses: () => ({ rewards: { accuracy: 1, format: 1 }, reward: 2 }),
    at: 3,
  },
  'loss-near-zero': { metrics: () => ({ loss: 1e-5 }), at: 3 },
}

describe('rules', () => {
  it('are silent on a healthy run', () => {
    expect(findingsOf({ at: 0 })).toEqual([])
  })

  it.each(RULES.map(({ name }) => name))('%s is found at the step at which it can be known', (name) => {
    const { at, ...illness } = ILL[name]!
    const found = findingsOf({ at, ...illness })
    expect(found.map(({ rule, step }) => [rule, step])).toEqual([[name, at]])
  })

  it('reward hacking trusts held-out questions more than those of the training', () => {
    const rising = (step: number) => ({ reward: 0.1 * step, accuracy: 0.2 + 0.01 * step })
    const evaluations = [
      { step: 1, pass1: 0.6, n: 256 },
      { step: 20, pass1: 0.3, n: 256 },
    ]
    expect(findingsOf({ metrics: rising, evaluations, at: 0 }).map(({ rule, step }) => [rule, step])).toEqual(
      [['reward-hacking', 20]],
    )
    expect(findingsOf({ metrics: rising, at: 0 })).toEqual([])
  })

  it('a drift of the language that comes with accuracy is no illness', () => {
    const drifting = (step: number) => ({ mixedLanguageShare: step / 30 })
    const [finding] = findingsOf({ metrics: drifting, at: 0 })
    expect(finding).toMatchObject({ rule: 'language-drift', step: 17, note: true })
  })

  it('length that comes before accuracy is no runaway where held-out answers get better', () => {
    const evaluations = [
      { step: 1, pass1: 0.2, n: 64 },
      { step: 12, pass1: 0.56, n: 64 },
    ]
    expect(findingsOf({ ...ILL['length-runaway']!, evaluations })).toEqual([])
  })

  it('name responses that show it', () => {
    const [finding] = findingsOf(ILL.truncation!)
    expect(finding!.responses).toHaveLength(5)
    for (const place of finding!.responses!)
      expect(place).toMatchObject({ step: 2, group: expect.any(Number) })
    const [hacked] = findingsOf(ILL['reward-hacking']!)
    expect(hacked!.responses!.every(({ sample }) => sample % 3 !== 0)).toBe(true)
  })

  it('are all in the document, with when they speak and why', () => {
    const document = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8').replaceAll(
      /\s+/g,
      ' ',
    )
    for (const { name, when, because } of RULES)
      expect(document, name).toContain(`| \`${name}\` | ${when} | ${because} |`)
  })
})

it.each([
  [
    'a search with other numbers',
    '试 10 + 6 = 16, 16 + 5 = 21 要 1 不, 16 - 5 = 11 要 1 不, 16 * 5 = 80 要 1 不',
    false,
  ],
  ['the same words five times', 'so no no no no no', true],
  ['four times', 'so no no no no', false],
  ['a sentence again and again', `first ${'I think it is 4 . '.repeat(6)}I think`, true],
  ['an empty one', '', false],
])('loops: %s', (_, text, expected) => expect(loops(text)).toBe(expected))
