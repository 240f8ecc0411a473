/**
 * Losses of reward models (R1 v2 S3.1), over the value after a response's last token; the mean over responses is in
 * the weights. The paper gives no formulas, these are the usual readings:
 *
 *     pair        −log σ(s_chosen − s_rejected)         Bradley-Terry (arXiv 2203.02155)
 *     point-wise  −log σ(s) where safe, −log σ(−s) where not
 */
import { abs, add, cast, exp, less, log, mul, neg, stopGradient, sub } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { ValueObjective } from './objective.ts'

/**
 * A pair is two sequences, which need not meet in one micro-batch: each is given the other's score, `rival`, taken before
 * the update, and its `side`, 1 for the chosen and −1 for the rejected. Each has half of the pair's loss and its own
 * score's whole part of the gradient, so both of weight 1/n sum to the mean over n pairs. Statistic: `accuracy`.
 */
export const bradleyTerry: ValueObjective = {
  key: 'bradley_terry',
  inputs: ['side', 'rival'],
  build({ values, mask, input }) {
    const margin = mul(input('side'), mul(sub(values, input('rival')), mask))
    const loss = negativeLogSigmoid(margin)
    return {
      loss: sub(loss, mul(stopGradient(loss), 0.5)),
      statistics: { accuracy: cast(less(0, margin), 'float32') },
    }
  },
}

/** Reads `labels`, 1 or 0. Statistic: `accuracy` of the score's sign. */
export const logistic: ValueObjective = {
  key: 'logistic',
  inputs: ['labels'],
  build({ values, mask, input }) {
    const margin = mul(sub(mul(input('labels'), 2), 1), mul(values, mask))
    return { loss: negativeLogSigmoid(margin), statistics: { accuracy: cast(less(0, margin), 'float32') } }
  },
}

/** log(1 + e^−x) without overflow; max(−x, 0) as (|x| − x)/2, whose slope at 0 is the −½ of the whole. */
const negativeLogSigmoid = (x: Tensor): Tensor => add(mul(sub(abs(x), x), 0.5), log(add(exp(neg(abs(x))), 1)))
