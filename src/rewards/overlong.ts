/**
 * DAPO's soft overlong punishment (arXiv 2503.14476, equation 13): 0 up to `maxTokens - cacheTokens`, then
 * linearly down to -1 at `maxTokens`, and -1 beyond.
 */
import { ConfigError } from '../errors.ts'
import type { Reward } from './reward.ts'
import type { Weight } from './weight.ts'

export interface OverlongOptions {
  weight?: Weight
  /** L_max. DAPO: 20,480. */
  maxTokens: number
  /** L_cache, the stretch before it in which the punishment grows; a fifth of L_max by default. DAPO: 4,096. */
  cacheTokens?: number
}

export function overlongReward({
  weight = 1,
  maxTokens,
  cacheTokens = Math.ceil(maxTokens / 5),
}: OverlongOptions): Reward {
  if (!(maxTokens > 0)) {
    throw new ConfigError('no response is that short.', {
      field: 'overlong.maxTokens',
      value: maxTokens,
      expected: 'a positive number',
    })
  }
  if (!(cacheTokens >= 0 && cacheTokens <= maxTokens)) {
    const expected = `0 to maxTokens (${maxTokens})`
    throw new ConfigError('the punishment cannot begin there.', {
      field: 'overlong.cacheTokens',
      value: cacheTokens,
      expected,
    })
  }
  return {
    name: 'overlong',
    weight,
    score({ numTokens }) {
      const excess = numTokens - (maxTokens - cacheTokens)
      if (excess <= 0) return 0
      return excess > cacheTokens ? -1 : -excess / cacheTokens
    },
  }
}
