/** The records that reinforcement learning, rejection sampling, evaluation and distillation share. */
import type { StopReason } from '../engine/engine.ts'
import type { Question } from '../tasks/task.ts'

/** One response to one question. */
export interface Rollout {
  question: Question
  /** Prompt token ids, template included. */
  prompt: Int32Array
  /** Response token ids, the stop token included where there is one. */
  tokens: Int32Array
  /** log π of each response token under the sampler's untempered distribution. */
  logprobs: Float32Array
  /** The response as text, without the stop token, and with the `<think>` that a prompt has written already. */
  text: string
  stopReason: StopReason
  /** Each reward by name; null where it does not apply to this question. */
  rewards: Record<string, number | null>
  /** The weighted sum of `rewards`. */
  reward: number
  /** Names of rewards that failed and were skipped. */
  failed?: string[]
}

/** The G responses to one question (R1 §2.2.1). */
export interface Group {
  question: Question
  rollouts: Rollout[]
}
