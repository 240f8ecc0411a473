/**
 * GRPO's objective and its relatives (R1 §2.2.1, arXiv 2402.03300 §4.1), per token; the means are in the weights
 * (aggregation.ts):
 *
 *     loss_t = −surrogate(ρ_t, A_t) + β · KL_t − η · H_t
 *
 *     clip       min(ρA, clip(ρ, 1−ε_low, 1+ε_high) A)     PPO (arXiv 1707.06347), GRPO, DAPO's clip-higher
 *     unclipped  ρA                                        importance sampling alone
 *     cispo      sg(clip(ρ, 1−ε_low, 1+ε_high)) A log π_θ  CISPO (MiniMax-M1, arXiv 2506.13585): every token learns
 *
 * ρ is π_θ/π_old of the token, or what `ratio` says. The correction for a sampler unlike the policy is in the
 * advantages (importance-correction.ts). Left out: SAPO, VESPO, GMPO, which need their own surrogates.
 */
import {
  add,
  and,
  cast,
  clip,
  exp,
  less,
  minimum,
  mul,
  neg,
  stopGradient,
  sub,
  where,
} from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { type KlEstimator, klDivergence, LARGEST_LOG_RATIO } from './kl.ts'
import type { NamedLoss } from './named-loss.ts'
import type { Objective, TokenBatch } from './objective.ts'

export interface PolicyGradientOptions {
  surrogate: 'clip' | 'unclipped' | 'cispo'
  /**
   * What ρ compares with π_old. `token`: this token. `sequence`: the geometric mean over the sequence (GSPO,
   * arXiv 2507.18071). `sequenceToken`: the same value, but the gradient of this token alone (GSPO-token). `none`:
   * π_θ itself, so that ρ is 1 and `oldLogprobs` is not needed: one update a rollout.
   */
  ratio: 'token' | 'sequence' | 'sequenceToken' | 'none'
  /** ε_low; 1 or more leaves the low side open. */
  clipLow: number
  /** ε_high. CISPO's papers and TRL give 1 + ε_high instead. */
  clipHigh: number
  /**
   * Where A < 0, ρ is held to this too, else one unlikely token can dominate: the c of dual clip (arXiv
   * 1912.09729, 3 in verl) and the δ of two-sided clip (INTELLECT-2, arXiv 2505.07291, 4) are the same thing.
   */
  ratioCap: number | null
  /**
   * Where A < 0, drop sequences whose mean log(π_old/π_θ) is larger: off-policy sequence masking
   * (DeepSeek-V3.2, arXiv 2512.02556).
   */
  offPolicyThreshold: number | null
  /** β; 0 needs no `referenceLogprobs`. */
  klWeight: number
  klEstimator: KlEstimator
  /** Multiply KL_t by ρ, which makes its gradient that of the true KL (DeepSeek-V3.2, arXiv 2512.02556). */
  klUnbiased: boolean
  /** η, for keeping the distribution from collapsing. */
  entropyWeight: number
}

/** The paper's objective with DeepSeekMath's per-token ratio; ε is not stated for R1-Zero, 0.2 is PPO's. */
const GRPO: PolicyGradientOptions = {
  surrogate: 'clip',
  ratio: 'token',
  clipLow: 0.2,
  clipHigh: 0.2,
  ratioCap: null,
  offPolicyThreshold: null,
  klWeight: 0.001,
  klEstimator: 'k3',
  klUnbiased: false,
  entropyWeight: 0,
}

/** Reads the inputs `advantages`, `oldLogprobs` and `referenceLogprobs`, the last two where they matter. */
export function policyGradient(options: Partial<PolicyGradientOptions> = {}): Objective {
  const settings = { ...GRPO, ...options }
  const inputs = ['advantages']
  if (settings.ratio !== 'none') inputs.push('oldLogprobs')
  if (settings.klWeight !== 0) inputs.push('referenceLogprobs')
  const named = commonName(settings)
  return {
    // The list keeps out what else the caller's record holds.
    key: `policy_gradient ${JSON.stringify(settings, Object.keys(GRPO))}`,
    inputs,
    ...(named && { named }),
    build: (batch) => build(batch, settings),
  }
}

/** Undefined where anything is on that the named losses do not have. */
function commonName(settings: PolicyGradientOptions): NamedLoss | undefined {
  const { surrogate: kind, ratio, clipLow, clipHigh, ratioCap, offPolicyThreshold } = settings
  const plain = ratioCap === null && offPolicyThreshold === null && ratio === 'token'
  if (!plain || settings.klWeight !== 0 || settings.entropyWeight !== 0) return undefined
  if (kind === 'unclipped') return { name: 'importance_sampling' }
  return { name: kind === 'clip' ? 'ppo' : 'cispo', low: Math.max(0, 1 - clipLow), high: 1 + clipHigh }
}

function build(batch: TokenBatch, settings: PolicyGradientOptions): ReturnType<Objective['build']> {
  const { clipLow, clipHigh, klWeight, entropyWeight } = settings
  // Tokens of weight 0 carry anything at all; 0 · ∞ would be NaN.
  const masked = (x: Tensor) => mul(x, batch.mask)
  const logprobs = masked(batch.logprobs)
  const old = settings.ratio === 'none' ? stopGradient(logprobs) : masked(batch.input('oldLogprobs'))
  const logRatio = clip(sub(logprobs, old), -LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
  const advantages = masked(batch.input('advantages'))
  const negative = less(advantages, 0)
  const bySequence = settings.offPolicyThreshold !== null || settings.ratio.startsWith('sequence')
  const meanLogRatio = bySequence ? batch.sequenceMean(logRatio) : logRatio
  const ratio = importanceRatio(settings.ratio, logRatio, meanLogRatio)

  let loss = neg(surrogate(settings, ratio, advantages, logprobs))
  if (settings.offPolicyThreshold !== null) {
    const drift = neg(meanLogRatio)
    loss = where(and(negative, less(settings.offPolicyThreshold, drift)), 0, loss)
  }

  const share = (condition: Tensor) => cast(condition, 'float32')
  const statistics: Record<string, Tensor> = {
    ratio,
    clipHigh: share(and(less(1 + clipHigh, ratio), less(0, advantages))),
    clipLow: share(and(less(ratio, 1 - clipLow), negative)),
    // k3 with the roles exchanged: samples are π_old's, so this estimates D_KL(π_old ‖ π_θ).
    oldKl: klDivergence('k3', old, logprobs),
  }
  if (settings.ratioCap !== null) statistics.clipCap = share(and(less(settings.ratioCap, ratio), negative))
  if (klWeight !== 0) {
    const kl = klDivergence(settings.klEstimator, logprobs, masked(batch.input('referenceLogprobs')))
    const term = settings.klUnbiased ? mul(kl, ratio) : kl
    loss = add(loss, mul(term, klWeight))
    statistics.kl = kl
  }
  if (entropyWeight !== 0) loss = sub(loss, mul(masked(batch.entropies), entropyWeight))
  return { loss, statistics }
}

function importanceRatio(
  ratio: PolicyGradientOptions['ratio'],
  logRatio: Tensor,
  meanLogRatio: Tensor,
): Tensor {
  if (ratio === 'sequence') return exp(meanLogRatio)
  // The sequence's value with this token's gradient.
  if (ratio === 'sequenceToken') return exp(add(stopGradient(sub(meanLogRatio, logRatio)), logRatio))
  return exp(logRatio)
}

function surrogate(
  { surrogate: kind, clipLow, clipHigh, ratioCap }: PolicyGradientOptions,
  ratio: Tensor,
  advantages: Tensor,
  logprobs: Tensor,
): Tensor {
  const clipped = (x: Tensor) => clip(x, Math.max(0, 1 - clipLow), 1 + clipHigh)
  if (kind === 'cispo') return mul(mul(stopGradient(clipped(ratio)), advantages), logprobs)
  const capped = ratioCap === null ? ratio : where(less(advantages, 0), minimum(ratio, ratioCap), ratio)
  const free = mul(capped, advantages)
  return kind === 'unclipped' ? free : minimum(free, mul(clipped(capped), advantages))
}
