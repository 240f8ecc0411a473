/** A reward of the user's own: what a TypeScript file exports as `reward`. */

import { importExport } from '../disk/import-export.ts'
import { ConfigError } from '../errors.ts'
import type { Reward } from './reward.ts'

/** `weight` is in the place of its own. */
export async function ownReward(path: string, weight?: number): Promise<Reward> {
  const exported = (await importExport(path, 'reward')) as Reward
  const reward = weight === undefined ? exported : { ...exported, weight }
  if (
    typeof reward?.name !== 'string' ||
    !Number.isFinite(reward.weight) ||
    typeof reward.score !== 'function'
  )
    throw new ConfigError('the exported reward is incomplete.', {
      field: path,
      expected: '`export const reward = { name, weight: 1, score(response) }`',
    })
  return reward
}
