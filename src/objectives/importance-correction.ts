/**
 * Correction for a sampler that is not quite the policy being trained (another kernel, quantised weights): each
 * advantage is multiplied by w = π_old(o_t) / π_sampler(o_t), kept in bounds.
 *
 *     truncate  min(max(w, low), high)       truncated importance sampling, TIS (fengyao.notion.site, 2025)
 *     mask      w where low ≤ w ≤ high, or 0  masked importance sampling: IcePop, MIS
 *
 * Neither π depends on the parameters being trained, and every surrogate is linear in A for w ≥ 0, so the weight
 * can live in the data and no objective need know of it. The KL term stays unweighted, as in TRL.
 */
export interface ImportanceCorrection {
  mode: 'truncate' | 'mask'
  /** One w a token, or one a sequence: the product of its tokens'. */
  level: 'token' | 'sequence'
  /** TIS has 2, TRL 3. */
  high: number
  /** 0 leaves the low side open. */
  low: number
}

/** One weight a token; the arrays are one sequence's trained tokens. */
export function importanceWeights(
  oldLogprobs: ArrayLike<number>,
  samplerLogprobs: ArrayLike<number>,
  { mode, level, high, low }: ImportanceCorrection,
): Float64Array {
  const logWeights = Float64Array.from(oldLogprobs, (logprob, t) => logprob - samplerLogprobs[t]!)
  if (level === 'sequence') logWeights.fill(logWeights.reduce((sum, x) => sum + x, 0))
  return logWeights.map((logWeight) => {
    const weight = Math.exp(logWeight)
    if (mode === 'truncate') return Math.min(Math.max(weight, low), high)
    return weight < low || weight > high ? 0 : weight
  })
}
