/**
 * DeepSeekMoE (arXiv 2412.19437 §2.1.2): shared experts see every token, routed ones those that choose
 * them. Tokens are sorted by expert, so that each expert is one product over its own tokens and no other is computed.
 *
 * N tokens, D hidden, X experts, K experts a token, M = N·K.
 */
import {
  add,
  arange,
  cast,
  constant,
  div,
  equal,
  expand,
  gatherElements,
  groupedLinear,
  linear,
  mul,
  neg,
  permuteRows,
  reshape,
  scatterElementsAdd,
  sigmoid,
  silu,
  softmax,
  stopGradient,
  sum,
  topK,
  where,
} from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { DeepseekV3Config } from '../config.ts'
import { type Parameter, swiglu } from './projection.ts'

type Experts = DeepseekV3Config['experts']

export interface Routing {
  /** Of each expert [N, X]: the sigmoid of its affinity, or the softmax over all. */
  scores_NX: Tensor
  /** The chosen experts [N, K], int64, and their weights. */
  experts_NK: Tensor
  weights_NK: Tensor
}

/** The bias takes part in the choice only, not in the weights. */
export function route(experts: Experts, x_ND: Tensor, gate_XD: Tensor, bias_X: Tensor): Routing {
  const scores_NX = sigmoid(linear(x_ND, gate_XD))
  const choice_NX = stopGradient(add(scores_NX, bias_X))
  const experts_NK = topK(withinBestGroups(experts, choice_NX), experts.perToken)
  const chosen = gatherElements(scores_NX, experts_NK)
  const shares = experts.normalized ? div(chosen, add(sum(chosen, [-1], true), 1e-20)) : chosen
  return { scores_NX, experts_NK, weights_NK: mul(shares, experts.factor) }
}

/** The experts of the largest softmax over all, as Mixtral and Qwen3 choose them (arXiv 2401.04088). */
export function softmaxRoute(
  { perToken, normalized }: Pick<Experts, 'perToken' | 'normalized'>,
  x_ND: Tensor,
  gate_XD: Tensor,
): Routing {
  const scores_NX = softmax(linear(x_ND, gate_XD))
  const experts_NK = topK(stopGradient(scores_NX), perToken)
  const chosen = gatherElements(scores_NX, experts_NK)
  return { scores_NX, experts_NK, weights_NK: normalized ? div(chosen, sum(chosen, [-1], true)) : chosen }
}

/** Scores outside of the groups with the largest sums of two are out of reach. */
function withinBestGroups({ routed, groups, groupsPerToken }: Experts, choice_NX: Tensor): Tensor {
  if (groupsPerToken === groups) return choice_NX
  const N = choice_NX.shape[0]!
  const grouped = reshape(choice_NX, [N * groups, routed / groups])
  const groupScores = reshape(sum(gatherElements(grouped, topK(grouped, 2)), [-1]), [N, groups])
  const ones = expand(constant([1], [1, 1]), [N, groupsPerToken])
  const none = expand(constant([0], [1, 1]), [N, groups])
  const kept = equal(scatterElementsAdd(none, topK(groupScores, groupsPerToken), ones), 1)
  const keptExperts = expand(reshape(kept, [N, groups, 1]), [N, groups, routed / groups])
  return where(reshape(keptExperts, [N, routed]), choice_NX, -1e9)
}

/** Shared and routed experts for x [N, D], which is normalised; `parameter` is within the layer. */
export function mixtureOfExperts(
  experts: Experts,
  x_ND: Tensor,
  parameter: Parameter,
): { output_ND: Tensor; routing: Routing } {
  const bias = parameter('mlp.gate.e_score_correction_bias')
  const routing = route(experts, x_ND, parameter('mlp.gate.weight'), bias)
  const shared = swiglu((weight) => linear(x_ND, weight), parameter, 'mlp.shared_experts')
  return { output_ND: add(shared, routedExperts(experts, x_ND, routing, parameter)), routing }
}

/** What the chosen experts make of x [N, D], by the weights that routing gave them. */
export function routedExperts(
  { routed, perToken: K }: Pick<Experts, 'routed' | 'perToken'>,
  x_ND: Tensor,
  { experts_NK, weights_NK }: Routing,
  parameter: Parameter,
): Tensor {
  const [N, D] = x_ND.shape as [number, number]
  const M = N * K
  const expertOf = reshape(experts_NK, [1, M])
  // Equal keys stay in order, hence sorting is a top-k of all.
  const order_1M = topK(neg(cast(expertOf, 'float32')), M)
  const order = reshape(order_1M, [M])
  const inverse = reshape(topK(neg(cast(order_1M, 'float32')), M), [M])
  const counts = cast(sum(isExpert(reshape(expertOf, [M, 1]), routed), [0]), 'int64')
  const sorted = (x: Tensor) => permuteRows(x, order, inverse)

  const x_MD = sorted(reshape(expand(reshape(x_ND, [N, 1, D]), [N, K, D]), [M, D]))
  const weights = (name: string) =>
    Array.from({ length: routed }, (_, expert) => parameter(`mlp.experts.${expert}.${name}.weight`))
  const gate = groupedLinear(x_MD, counts, weights('gate_proj'))
  const up = groupedLinear(x_MD, counts, weights('up_proj'))
  // A token's weight for its expert multiplies the inner activations, which are fewer than the outputs.
  const inner = mul(mul(silu(gate), up), sorted(reshape(weights_NK, [M, 1])))
  const y_MD = groupedLinear(inner, counts, weights('down_proj'))
  return sum(reshape(permuteRows(y_MD, inverse, order), [N, K, D]), [1])
}

/** Whether a token [N] has chosen an expert [X]: 1 or 0. */
export function chosenExperts({ scores_NX, experts_NK }: Routing): Tensor {
  const [N, X] = scores_NX.shape as [number, number]
  return sum(isExpert(reshape(experts_NK, [N, experts_NK.shape[1]!, 1]), X), [1])
}

/** Choices [.., 1] (int64) as rows of X numbers, 1 for the chosen expert and 0 for the others. */
function isExpert(choices: Tensor, routed: number): Tensor {
  return cast(equal(choices, arange([1, routed], 'int64')), 'float32')
}
