/** Rewards of the user's own: what TypeScript files export as `reward`, one or an array. */

import { importExport } from '../disk/import-export.ts'
import { checkedReward } from './checked-reward.ts'
import type { AnyReward } from './reward.ts'
import type { Weight } from './weight.ts'

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
