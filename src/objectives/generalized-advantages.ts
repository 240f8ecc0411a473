/**
 * Generalised advantage estimation (arXiv 1506.02438; R1 v2 SA.3), PPO's answer to what GRPO reads off a group:
 *
 *     δ_t = r_t + γ V(s_{t+1}) − V(s_t)        A_t = δ_t + γλ A_{t+1}        R_t = A_t + V(s_t)
 *
 * Nothing follows the last token. With γ = λ = 1 the advantage is the reward to come less what the critic expected.
 */
export interface GeneralizedAdvantages {
  advantages: Float64Array
  /** What the critic should have said. */
  returns: Float64Array
}

/** `rewards[t]` is given for token t, `values[t]` is said before it. */
export function generalizedAdvantages(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { gamma, lambda }: { gamma: number; lambda: number },
): GeneralizedAdvantages {
  if (rewards.length !== values.length)
    throw new Error(`generalizedAdvantages: ${values.length} values for ${rewards.length} rewards`)
  const advantages = new Float64Array(rewards.length)
  const returns = new Float64Array(rewards.length)
  let advantage = 0
  for (let t = rewards.length - 1; t >= 0; t--) {
    const next = t + 1 < values.length ? values[t + 1]! : 0
    advantage = rewards[t]! + gamma * next - values[t]! + gamma * lambda * advantage
    advantages[t] = advantage
    returns[t] = advantage + values[t]!
  }
  return { advantages, returns }
}

/** Every advantage of a rollout less their mean, over their sample standard deviation, as PPO's implementations do. */
export function whitened(advantages: readonly Float64Array[]): Float64Array[] {
  const count = advantages.reduce((total, sequence) => total + sequence.length, 0)
  const sum = (term: (a: number) => number) =>
    advantages.reduce((total, sequence) => sequence.reduce((inner, a) => inner + term(a), total), 0)
  const mean = sum((a) => a) / count
  const variance = sum((a) => (a - mean) ** 2) / Math.max(1, count - 1)
  const scale = 1 / Math.sqrt(variance + 1e-8)
  return advantages.map((sequence) => sequence.map((a) => (a - mean) * scale))
}
