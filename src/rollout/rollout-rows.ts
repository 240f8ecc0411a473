/** Graded responses as the lines of `rollouts/<step>.jsonl` and `evaluations/<name>.jsonl`. */
import type { Group } from './rollout.ts'

export interface KeptGroup extends Group {
  /** Of each rollout, in order. */
  advantages?: readonly number[]
  /** log π_ref of each rollout's tokens. */
  referenceLogprobs?: readonly Float32Array[]
}

/** What is long comes last, so that a reader can stop before it. Log-probabilities have four digits. */
export function* rolloutRows(groups: readonly KeptGroup[]) {
  for (const [group, { question, rollouts, advantages, referenceLogprobs }] of groups.entries())
    for (const [sample, rollout] of rollouts.entries()) {
      const { text, tokens, logprobs, stopReason, rewards, reward } = rollout
      const reference = referenceLogprobs?.[sample]
      yield {
        group,
        sample,
        question: question.id,
        prompt: question.prompt,
        answer: question.answer,
        text,
        stopReason,
        rewards,
        reward,
        ...(advantages && { advantage: advantages[sample] }),
        tokens: Array.from(tokens),
        logprobs: short(logprobs),
        ...(reference && { reference: short(reference) }),
      }
    }
}

const short = (values: Float32Array) => Array.from(values, (value) => Number(value.toFixed(4)))
