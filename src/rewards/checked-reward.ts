/** A reward of the user's own, as it was exported: whether it is one. */
import { z } from 'zod'
import { ConfigError, thrownBy } from '../errors.ts'
import type { AnyReward, RewardLimits } from './reward.ts'
import { type Weight, weightProblem } from './weight.ts'

const limits = z
  .strictObject({
    seconds: z.number().positive(),
    concurrency: z.int().min(1),
    onFailure: z.enum(['stop', 'skip']),
  } satisfies Record<keyof RewardLimits, z.ZodType>)
  .partial()

const REWARD =
  '`export const reward = { name, weight: 1, score(response) }`, or scoreGroup(responses) in place of score'
const WEIGHT = '`weight: 1`, or `weight: { from: 1, to: 0, steps: 30 }` for one that changes'
const LIMITS = "some of `limits: { seconds: 5, concurrency: 8, onFailure: 'stop' }`, or onFailure 'skip'"

/** `path` names it in errors, and `weight` is in place of its own. What it throws is a UserError that says where. */
export function checkedReward(path: string, exported: unknown, weight?: Weight): AnyReward {
  const wrong = (problem: string, expected = REWARD) =>
    new ConfigError(`the exported reward is incomplete: ${problem}.`, { field: path, expected })
  if (typeof exported !== 'object' || exported === null) throw wrong('this is no reward')
  const reward = exported as AnyReward
  const named = { name: reward.name, weight: weight ?? reward.weight, limits: reward.limits ?? {} }
  if (typeof named.name !== 'string') throw wrong('it has no name')
  if (weightProblem(named.weight) !== undefined) throw wrong(`its weight is ${shown(named.weight)}`, WEIGHT)
  const scores = [reward.score, reward.scoreGroup].filter((part) => part !== undefined)
  if (scores.length !== 1 || typeof scores[0] !== 'function')
    throw wrong('it needs one of score and scoreGroup, a function')
  if (!limits.safeParse(named.limits).success) throw wrong(`its limits are ${shown(named.limits)}`, LIMITS)
  const guarded = async <T>(ask: () => T | Promise<T>): Promise<T> => {
    try {
      return await ask()
    } catch (thrown) {
      throw thrownBy(`reward ${named.name}`, thrown)
    }
  }
  return reward.scoreGroup === undefined
    ? { ...named, score: (response) => guarded(() => reward.score(response)) }
    : { ...named, scoreGroup: (responses) => guarded(() => reward.scoreGroup(responses)) }
}

const shown = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : value)
