/**
 * Estimates of D_KL(π_θ ‖ π_ref) from one sampled token (Schulman, joschu.net/blog/kl-approx.html), with
 * d = log π_ref − log π_θ:
 *
 *     k1   −d              unbiased, of either sign; inside a loss its expected gradient is zero
 *     abs  |d|
 *     k2   d² / 2          biased, low variance; its gradient is that of the true KL when on policy
 *     k3   e^d − d − 1     unbiased, never negative: the paper's choice (R1 §2.2.1)
 */
import { abs, add, exp, maximum, minimum, mul, neg, sub } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'

export type KlEstimator = 'k1' | 'abs' | 'k2' | 'k3'

/** e to more than this says no more than e to this; unbounded it would overflow float32 at e^88. */
export const LARGEST_LOG_RATIO = 20

export function klDivergence(estimator: KlEstimator, logprobs: Tensor, referenceLogprobs: Tensor): Tensor {
  const d = sub(referenceLogprobs, logprobs)
  switch (estimator) {
    case 'k1':
      return neg(d)
    case 'abs':
      return abs(d)
    case 'k2':
      return mul(mul(d, d), 0.5)
    case 'k3':
      return sub(sub(boundedExp(d), d), 1)
  }
}

/** e^x, continued as its tangent past the bound, so that the pull back to the reference keeps its direction. */
function boundedExp(x: Tensor): Tensor {
  const beyond = maximum(sub(x, LARGEST_LOG_RATIO), 0)
  return mul(exp(minimum(x, LARGEST_LOG_RATIO)), add(1, beyond))
}
