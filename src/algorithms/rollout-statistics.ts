/** What a step's line says of the sampled responses: rewards, lengths, reflection, languages. */

import { isDegenerate } from '../objectives/advantages.ts'
import type { Group } from '../rollout/rollout.ts'
import { isMixed } from '../text/language.ts'
import { splitReasoning } from '../text/reasoning.ts'
import { countReflectionWords } from '../text/reflection.ts'

export interface RolloutStatistics {
  /** Mean weighted sum of the rewards. */
  reward: number
  /** Mean response, tokens. */
  meanTokens: number
  /** Tokens of all responses, those that were dropped included. */
  sampledTokens: number
  /** Share of responses cut at the length limit. */
  truncatedShare: number
  /** Words of reflection a response, such as `wait`. */
  reflectionWords: number
  /** Share of responses whose thinking mixes languages. */
  mixedLanguageShare: number
  /** Share of groups whose rewards differ, and which therefore teach something. */
  groupsWithSignal: number
  /** Mean of each reward by its name, such as `accuracy` and `format`. */
  [reward: string]: number
}

/**
 * Means over all responses; a reward's mean is over those it applies to, and one that applies to none has no mean. `droppedTokens` were sampled in responses that are
 * not among them.
 */
export function rolloutStatistics(groups: readonly Group[], droppedTokens = 0): RolloutStatistics {
  const rollouts = groups.flatMap((group) => group.rollouts)
  const mean = (values: readonly number[]) =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
  const names = [...new Set(rollouts.flatMap(({ rewards }) => Object.keys(rewards)))]
  const thinking = rollouts.map(({ text }) => splitReasoning(text).thinking ?? text)
  const failed = rollouts.flatMap((rollout) => rollout.failed ?? [])
  const tokens = rollouts.map((rollout) => rollout.tokens.length)
  return {
    reward: mean(rollouts.map(({ reward }) => reward)),
    ...Object.fromEntries(
      names.flatMap((name) => {
        const values = rollouts.map(({ rewards }) => rewards[name] ?? null).filter((value) => value !== null)
        return values.length === 0 ? [] : [[name, mean(values)]]
      }),
    ),
    ...Object.fromEntries(
      [...new Set(failed)].map((name) => [`failed:${name}`, failed.filter((other) => other === name).length]),
    ),
    meanTokens: mean(tokens),
    sampledTokens: tokens.reduce((sum, n) => sum + n, droppedTokens),
    truncatedShare: mean(rollouts.map(({ stopReason }) => Number(stopReason === 'length'))),
    reflectionWords: mean(thinking.map(countReflectionWords)),
    mixedLanguageShare: mean(thinking.map((text) => Number(isMixed(text)))),
    groupsWithSignal: mean(
      groups.map((group) => Number(!isDegenerate(group.rollouts.map(({ reward }) => reward)))),
    ),
  }
}
