/**
 * Rewards that make correctness depend on length, so that short right answers are worth most. None is in the
 * paper, where length is left to itself. Cosine: "Demystifying Long Chain-of-Thought Reasoning" (2502.03373,
 * appendix C.1). Kimi: Kimi k1.5 (arXiv 2501.12599 §2.3.3).
 */
import { ConfigError } from '../errors.ts'
import { isVerifiable, judge } from './accuracy.ts'
import type { GroupReward, Reward } from './reward.ts'
import type { Weight } from './weight.ts'

export interface CosineLengthOptions {
  weight?: Weight
  /** Length at which the schedule ends; longer responses keep its last value. */
  maxTokens: number
  /** Values of a right answer at length 0 and at `maxTokens`. */
  correct?: { short: number; long: number }
  /** The same of a wrong one; a short wrong answer is worst, so that the model keeps thinking. */
  wrong?: { short: number; long: number }
}

/** Takes the place of the accuracy reward. */
export function cosineLengthReward({ weight = 1, maxTokens, correct, wrong }: CosineLengthOptions): Reward {
  if (!(maxTokens > 0)) {
    throw new ConfigError('there is no schedule of that length.', {
      field: 'cosineLength.maxTokens',
      value: maxTokens,
      expected: 'a positive number',
    })
  }
  const right = correct ?? { short: 1, long: 0.5 }
  const mistaken = wrong ?? { short: -1, long: -0.5 }
  return {
    name: 'cosineLength',
    weight,
    async score(response) {
      if (!isVerifiable(response.question)) return null
      const { short, long } = (await judge(response)).correct ? right : mistaken
      const progress = Math.min(response.numTokens / maxTokens, 1)
      return long + ((short - long) * (1 + Math.cos(Math.PI * progress))) / 2
    },
  }
}

/**
 * Kimi's length reward for the responses to one question: 0.5 for the shortest down to -0.5 for the longest, and
 * never above 0 for a wrong one; all 0 where all are equally long.
 */
export function kimiLengthRewards(responses: readonly { numTokens: number; correct: boolean }[]): number[] {
  const lengths = responses.map(({ numTokens }) => numTokens)
  const shortest = lengths.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const range = lengths.reduce((a, b) => Math.max(a, b), 0) - shortest
  return responses.map(({ numTokens, correct }) => {
    if (range === 0) return 0
    const value = 0.5 - (numTokens - shortest) / range
    return correct ? value : Math.min(0, value)
  })
}

/** The same as a reward: length beside the other responses to the question, by the task's own verdicts. */
export function kimiLengthReward({ weight = 1 }: { weight?: Weight } = {}): GroupReward {
  return {
    name: 'kimiLength',
    weight,
    async scoreGroup(responses) {
      const verdicts = await Promise.all(responses.map(judge))
      return kimiLengthRewards(
        responses.map(({ numTokens }, i) => ({ numTokens, correct: verdicts[i]!.correct })),
      )
    },
  }
}
