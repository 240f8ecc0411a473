/** A reward of the user's own, as it was exported: whether it is one. */
import { ConfigError } from '../errors.ts'
import type { AnyReward } from './reward.ts'
import { type Weight, weightProblem } from './weight.ts'

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
            : undefined
  if (problem === undefined) return reward
  throw new ConfigError(`the exported reward is incomplete: ${problem}.`, {
    field: path,
    expected:
      '`export const reward = { name, weight: 1, score(response) }`, or scoreGroup(responses) in place of score',
  })
}
