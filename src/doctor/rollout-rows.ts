/** Rollouts as rules see them: of groups in memory, and of the lines of `rollouts/<step>.jsonl`. */

import { readJsonl } from '../disk/jsonl.ts'
import type { Group } from '../rollout/rollout.ts'
import type { RolloutRow } from '../rollout/rollout-rows.ts'
import type { SeenGroup, SeenResponse, SeenRollout } from './course.ts'

export const seenGroups = (groups: readonly Group[]): SeenGroup[] =>
  groups.map(({ question, rollouts }, group) => ({
    group,
    question: question.id,
    responses: rollouts.map(({ text, tokens, stopReason, rewards, reward }, sample) => ({
      sample,
      text,
      tokens: tokens.length,
      truncated: stopReason === 'length',
      rewards,
      reward,
    })),
  }))

export async function readRollout(path: string, step: number): Promise<SeenRollout> {
  const groups = new Map<number, { group: number; question: string; responses: SeenResponse[] }>()
  for await (const { value } of readJsonl(path)) {
    const { group, question, sample, text, tokens, stopReason, rewards, reward } =
      value as unknown as RolloutRow
    const known = groups.get(group) ?? { group, question, responses: [] }
    groups.set(group, known)
    const truncated = stopReason === 'length'
    known.responses.push({ sample, text, tokens: tokens.length, truncated, rewards, reward })
  }
  return { step, groups: [...groups.values()] }
}
