/** Rewards of the user's own: what TypeScript files export as `reward`, one or an array. */

import { importExport } from '../disk/import-export.ts'
import { ConfigError } from '../errors.ts'
import type { AnyReward } from './reward.ts'
import { type Weight, weightProblem } from './weight.ts'

/** Of several files, separated by commas. */
export async function ownRewards(paths: string): Promise<AnyReward[]> {
  const files = paths.split(',').map((path) => path.trim())
  return (await Promise.all(files.map((path) => ownReward(path)))).flat()
}

/** `weight` is in place of its own. */
export async function ownReward(path: string, weight?: Weight): Promise<AnyReward[]> {
  const exported = await importExport(path, 'reward')
  const rewards = Array.isArray(exported) ? exported : [exported]
  return rewards.map((reward) => checkedReward(path, reward, weight))
}

function checkedReward(path: string, exported: unknown, weight: Weight | undefined): AnyReward {
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
