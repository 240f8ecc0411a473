/**
 * How the tokens' losses become one number: the weight of each token in the plain sum that an objective is.
 *
 *     grpo     1 / (n · |o_i|)      mean over sequences of the mean over their tokens (R1 §2.2.1)
 *     dapo     1 / Σ_j |o_j|        mean over all tokens (DAPO, arXiv 2503.14476 §3.3)
 *     dr_grpo  1 / (n · maxTokens)  sum over tokens by a constant (Dr. GRPO, arXiv 2503.20783)
 *
 * n and the sums go over the whole optimiser step, whatever micro-batches it is computed in.
 */
export type Aggregation = 'grpo' | 'dapo' | 'dr_grpo'

export interface AggregationOptions {
  aggregation: Aggregation
  /** The most tokens a response may have; dr_grpo's constant. */
  maxTokens: number
  /** Leave out responses that were cut off at the limit (DAPO's overlong filtering). */
  maskTruncated?: boolean
}

export interface ResponseLength {
  /** |o_i|: how many tokens are trained on. */
  tokens: number
  truncated: boolean
}

/**
 * For each response, the weight of each of its tokens. A response that is left out weighs 0: it still counts in n,
 * as the mean over sequences is over what was sampled, but its tokens do not count in dapo's total.
 */
export function tokenWeights(
  responses: readonly ResponseLength[],
  { aggregation, maxTokens, maskTruncated = false }: AggregationOptions,
): number[] {
  const lengths = responses.map(({ tokens, truncated }) => (maskTruncated && truncated ? 0 : tokens))
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const count = responses.length
  const weight = {
    grpo: (length: number) => 1 / (count * length),
    dapo: () => 1 / total,
    dr_grpo: () => 1 / (count * maxTokens),
  }[aggregation]
  return lengths.map((length) => (length === 0 ? 0 : weight(length)))
}
