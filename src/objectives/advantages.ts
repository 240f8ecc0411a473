/**
 * Group-relative advantages (R1 §2.2.1; DeepSeekMath, arXiv 2402.03300 §4.1.2): each of the G rewards of one
 * question is compared with the others, so no value model is needed.
 *
 *     A_i = (r_i − baseline) / (std + ε)
 *
 * The paper states neither which standard deviation nor ε; sample and 1e-6 are verl's, sample and 1e-4 TRL's.
 */
export interface AdvantageOptions {
  /** The group's mean (GRPO), the mean of the others (RLOO, arXiv 2402.14740), or nothing (REINFORCE). */
  baseline: 'mean' | 'leaveOneOut' | 'none'
  /**
   * Which rewards' standard deviation divides: those of the group (GRPO), of all groups (Lite-PPO,
   * arXiv 2508.08221), or none (Dr. GRPO, arXiv 2503.20783).
   */
  scale: 'group' | 'batch' | 'none'
  /** Sample divides the squares by n − 1, population by n. */
  deviation: 'sample' | 'population'
  epsilon: number
}

const GRPO: AdvantageOptions = { baseline: 'mean', scale: 'group', deviation: 'sample', epsilon: 1e-6 }

/** `rewards[g][i]` to advantages in the same places. A group whose rewards are all equal teaches nothing: zeros. */
export function groupAdvantages(
  rewards: readonly (readonly number[])[],
  options: Partial<AdvantageOptions> = {},
): number[][] {
  const { baseline, scale, deviation, epsilon } = { ...GRPO, ...options }
  const batchDeviation = scale === 'batch' ? standardDeviation(rewards.flat(), deviation) : 1
  return rewards.map((group) => {
    if (baseline !== 'none' && isDegenerate(group)) return group.map(() => 0)
    const divisor =
      scale === 'none'
        ? 1
        : (scale === 'batch' ? batchDeviation : standardDeviation(group, deviation)) + epsilon
    const total = sum(group)
    return group.map((reward) => {
      if (baseline === 'mean') return (reward - total / group.length) / divisor
      if (baseline === 'leaveOneOut') return (reward - (total - reward) / (group.length - 1)) / divisor
      return divisor === 0 ? 0 : reward / divisor
    })
  })
}

/** All rewards equal: what DAPO's dynamic sampling (arXiv 2503.14476 §3.2) replaces by another question's group. */
export const isDegenerate = (rewards: readonly number[]): boolean =>
  rewards.every((reward) => reward === rewards[0])

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** 0 for a single value. */
function standardDeviation(values: readonly number[], deviation: AdvantageOptions['deviation']): number {
  const mean = sum(values) / values.length
  const squares = sum(values.map((value) => (value - mean) ** 2))
  const count = deviation === 'sample' ? values.length - 1 : values.length
  return count > 0 ? Math.sqrt(squares / count) : 0
}
