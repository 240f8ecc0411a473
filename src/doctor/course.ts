/** What a rule sees: a run up to a step, and the figures that rules compare. */
import * as statistics from '../measures/statistics.ts'
import type { StepNumbers } from '../run/metrics.ts'

export interface SeenResponse {
  sample: number
  text: string
  tokens: number
  /** Cut at the length limit. */
  truncated: boolean
  /** Each reward by name, before its weight; null where it does not apply. */
  rewards: Record<string, number | null>
  reward: number
}

export interface SeenGroup {
  group: number
  question: string
  responses: readonly SeenResponse[]
}

export interface SeenRollout {
  /** Its last update: the name of its file. */
  step: number
  groups: readonly SeenGroup[]
}

export interface Course {
  settings: CourseSettings
  /** Every update so far. */
  steps: readonly StepNumbers[]
  /** Held-out figures so far, those of step 0 included. */
  evaluations: readonly StepNumbers[]
  /** The newest `WINDOW` rollouts, the newest last. */
  rollouts: readonly SeenRollout[]
}

export interface CourseSettings {
  /** Updates that share a rollout. */
  updatesPerRollout: number
  maxTokens: number
  /** Rollouts are trained on by the policy that sampled them, and their log-probabilities are the sampler's. */
  onPolicy: boolean
}

/** Rollouts whose mean is called "now" and "at first": one alone is noise. */
export const WINDOW = 5

/** `key` at the first update of each rollout, where it is a number. */
export function perRollout({ settings, steps }: Course, key: string): number[] {
  return steps
    .filter(({ step }) => (step - 1) % settings.updatesPerRollout === 0)
    .map((line) => line[key])
    .filter((value) => value !== undefined)
}

/** The newest `count` of them; undefined where there are fewer. */
export function latest(course: Course, key: string, count = WINDOW): number[] | undefined {
  const values = perRollout(course, key)
  return values.length < count ? undefined : values.slice(-count)
}

export interface Change {
  first: number
  now: number
  /** `now - first` beyond twice its standard error. */
  rises: boolean
  falls: boolean
}

/** The means of the first and of the newest `WINDOW` rollouts; undefined before there are twice as many. */
export function change(course: Course, key: string): Change | undefined {
  const values = perRollout(course, key)
  if (values.length < 2 * WINDOW) return undefined
  const [early, late] = [values.slice(0, WINDOW), values.slice(-WINDOW)]
  const [first, now] = [mean(early), mean(late)]
  const error = Math.sqrt((statistics.variance(early) + statistics.variance(late)) / WINDOW)
  return { first, now, rises: now - first > 2 * error, falls: first - now > 2 * error }
}

export const responsesOf = (rollouts: readonly SeenRollout[]): SeenResponse[] =>
  rollouts.flatMap(({ groups }) => groups.flatMap(({ responses }) => [...responses]))

/** Mean over groups of the variance within a group: what an advantage is made of. */
export function varianceWithinGroups(
  rollouts: readonly SeenRollout[],
  value: (response: SeenResponse) => number,
): number {
  return mean(
    rollouts.flatMap(({ groups }) =>
      groups.map(({ responses }) => statistics.variance(responses.map(value))),
    ),
  )
}

/** The names of the rewards' parts, in order. */
export const partNames = (rollouts: readonly SeenRollout[]): string[] => [
  ...new Set(responsesOf(rollouts).flatMap(({ rewards }) => Object.keys(rewards))),
]

/** The newest weight of a part, 1 where it was not logged. */
export const weightOf = ({ steps }: Course, part: string): number => steps.at(-1)?.[`weight:${part}`] ?? 1

/** 0 of nothing. */
export const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : statistics.mean(values))
