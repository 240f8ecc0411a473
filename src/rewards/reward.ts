/** A reward is a plain function; the weighted sum of several is what GRPO normalises (R1 §2.3.4). */
import type { StopReason } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import type { Question, Task } from '../tasks/task.ts'

/** What a reward may look at. */
export interface ResponseToScore {
  question: Question
  task: Task
  /** The whole response text. */
  text: string
  /** Number of response tokens. */
  numTokens: number
  stopReason: StopReason
}

export interface Reward {
  name: string
  weight: number
  /** A score, usually 0 to 1; null means "does not apply to this question", which is not 0. */
  score(response: ResponseToScore): number | null | Promise<number | null>
}

export interface Scored {
  rewards: Record<string, number | null>
  reward: number
}

/**
 * Scores one response with every reward; parts that do not apply are left out of the sum. Throws a ConfigError for a score
 * that is neither a finite number nor null: one alone would make every gradient of its update NaN.
 */
export async function scoreResponse(rewards: readonly Reward[], response: ResponseToScore): Promise<Scored> {
  const parts: Record<string, number | null> = {}
  let sum = 0
  for (const { name, weight, score } of rewards) {
    const value = await score(response)
    if (value !== null && !Number.isFinite(value))
      throw new ConfigError(`its score was ${value}.`, {
        field: `reward ${name}`,
        expected: 'a finite number or null',
      })
    parts[name] = value
    if (value !== null) sum += weight * value
  }
  return { rewards: parts, reward: sum }
}
