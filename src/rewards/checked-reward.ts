/** A reward of the user's own, as it was exported: whether it is one. */
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import type { AnyReward, RewardLimits } from './reward.ts'
import { type Weight, weightProblem } from './weight.ts'

const limits = z
  .strictObject({
    seconds: z.number().positive(),
    concurrency: z.int().min(1),
    onFailure: z.enum(['stop', 'skip']),
  } satisfies Record<keyof RewardLimits, z.ZodType>)
  .partial()
  .optional()

/** `path` names it in errors, and `weight` is in place of its own. */
export function checkedReward(path: string, exported: unknown, weight?: Weight): AnyReward {
  const given = exported as AnyReward
  const reward = weight === undefined ? given : { ...given, weight }
  const scores = [reward?.score, reward?.scoreGroup].filter((part) => part !== undefined)
  const problem =
    typeof reward !== 'object' || reward === null
      ? 'this is no reward'
      : typeof reward.name !== 'string'
        ? 'it has no name'
        : weightProblem(reward.weight) !== undefined
          ? `its weight is ${JSON.stringify(reward.weight) ?? reward.weight}`
          : scores.length !== 1 || typeof scores[0] !== 'function'
            ? 'it needs one of score and scoreGroup, a function'
            : limits.safeParse(reward.limits).success
              ? undefined
              : `its limits are ${JSON.stringify(reward.limits)}`
  if (problem === undefined) return reward
  throw new ConfigError(`the exported reward is incomplete: ${problem}.`, {
    field: path,
    expected:
      '`export const reward = { name, weight: 1, score(response) }`, or scoreGroup(responses) in place of score; limits are { seconds: 5, concurrency: 8, onFailure: "skip" }, or some of them',
  })
}
