/** Graded responses as the lines of `rollouts/<step>.jsonl` and `evaluations/<name>.jsonl`. */
import type { Group, Rollout } from './rollout.ts'

/** A line of `rollouts/<step>.jsonl`. */
export interface RolloutRow extends Pick<Rollout, 'text' | 'stopReason' | 'rewards' | 'reward'> {
  /** Its place among the step's groups. */
  group: number
  /** Its place in the group. */
  sample: number
  /** Of the question: its id, text and reference answer. */
  question: string
  prompt: string
  answer: string
  /** Of responses that were trained on. */
  advantage?: number
  tokens: number[]
  /** log π of each token, as it was sampled. */
  logprobs: number[]
  /** log π_ref of each token, where there is a reference. */
  reference?: number[]
}

export interface KeptGroup extends Group {
  /** Of each rollout, in order. */
  advantages?: readonly number[]
  /** log π_ref of each rollout's tokens. */
  referenceLogprobs?: readonly Float32Array[]
}

/** What is long comes last, so that a reader can stop before it. Log-probabilities have four digits. */
export function* rolloutRows(groups: readonly KeptGroup[]): Generator<RolloutRow> {
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
        ...(advantages && { advantage: advantages[sample]! }),
        tokens: Array.from(tokens),
        logprobs: short(logprobs),
        ...(reference && { reference: short(reference) }),
      }
    }
}

const short = (values: Float32Array) => Array.from(values, (value) => Number(value.toFixed(4)))
