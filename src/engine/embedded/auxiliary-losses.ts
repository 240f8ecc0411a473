/**
 * What the architecture asks of training besides the objective (arXiv 2412.19437): the sequence-wise balance loss of
 * experts (arXiv 2412.19437 eq. 17-20), the loss of the token after the next one (eq. 24-25), and experts' loads.
 */
import {
  add,
  and,
  arange,
  cast,
  concat,
  constant,
  div,
  equal,
  expand,
  less,
  maximum,
  mul,
  neg,
  not,
  reshape,
  scalar,
  scatterAdd,
  slice,
  sum,
  targetLogProbs,
} from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import { type DecoderConfig, hasPredictionModule } from '../../model/config.ts'
import { type DecoderInputs, type DecoderOutputs, predictAfterNext } from '../../model/decoder.ts'
import type { Attend } from '../../model/parts/attend.ts'
import { chosenExperts, type Routing } from '../../model/parts/mixture-of-experts.ts'

export interface AuxiliaryWeights {
  /** α of the sequence-wise balance loss; 0 leaves it out. */
  balance: number
  /** λ of the loss of the token after the next one; 0 leaves it out. */
  prediction: number
}

/** Packed rows of N = R·T tokens, see packing.ts. */
export interface AuxiliaryRows {
  /** [R, T] */
  segments: Tensor
  /** [N] each. */
  sequences: Tensor
  targets: Tensor
  weights: Tensor
}

export interface AuxiliaryLosses {
  /** To be added to the objective's. */
  loss: Tensor
  /** `auxiliary:<name>`, each weighted over tokens as the objective is; `load:<layer>`, choices of each expert. */
  outputs: Record<string, Tensor>
}

export function auxiliaryLosses(
  config: DecoderConfig,
  { inputs, attend, decoded }: { inputs: DecoderInputs; attend: Attend; decoded: DecoderOutputs },
  rows: AuxiliaryRows,
  { balance, prediction }: AuxiliaryWeights,
): AuxiliaryLosses {
  const { hidden_ND, routings } = decoded
  const outputs: Record<string, Tensor> = {}
  let loss = scalar(0)
  const layers = new Map(routings)
  if (prediction > 0 && hasPredictionModule(config)) {
    const nextTokens = reshape(rows.targets, inputs.tokens.shape)
    const module = predictAfterNext(config, { ...inputs, hidden_ND, nextTokens }, attend)
    layers.set(config.numLayers, module.routing)
    const { targets, weights } = afterNext(rows)
    const predictionLoss = neg(sum(mul(weights, targetLogProbs(module.logits_NV, targets))))
    outputs['auxiliary:predictionLoss'] = predictionLoss
    loss = add(loss, mul(predictionLoss, prediction))
  }
  if (layers.size === 0) return { loss, outputs }
  const real_N1 = reshape(cast(not(equal(rows.segments, -1)), 'float32'), [rows.sequences.shape[0]!, 1])
  const balances: Tensor[] = []
  for (const [layer, routing] of layers) {
    const chosen_NX = mul(chosenExperts(routing), real_N1)
    outputs[`load:${layer}`] = sum(chosen_NX, [0])
    if (balance > 0) balances.push(sequenceBalance(routing, chosen_NX, real_N1, rows))
  }
  if (balances.length > 0) {
    const balanceLoss = balances.reduce(add)
    outputs['auxiliary:balanceLoss'] = balanceLoss
    loss = add(loss, mul(balanceLoss, balance))
  }
  return { loss, outputs }
}

/**
 * Σ over sequences, each with its share of the objective's weights, of Σ_i f_i P_i: f_i is the share of choices that
 * expert i had over the even one, P_i its mean share of a token's scores. 1 where all is even.
 */
export function sequenceBalance(
  { scores_NX, experts_NK }: Routing,
  chosen_NX: Tensor,
  real_N1: Tensor,
  { sequences, weights }: Pick<AuxiliaryRows, 'sequences' | 'weights'>,
): Tensor {
  const [N, X] = scores_NX.shape as [number, number]
  const K = experts_NK.shape[1]!
  const bySequence = (x_N: Tensor) => scatterAdd(N, sequences, mul(x_N, real_N1))
  const lengths_N1 = maximum(bySequence(expand(constant([1], [1, 1]), [N, 1])), 1)
  const shares_NX = div(scores_NX, sum(scores_NX, [-1], true))
  const f_NX = mul(div(bySequence(chosen_NX), lengths_N1), X / K)
  const P_NX = div(bySequence(shares_NX), lengths_N1)
  return sum(mul(sum(mul(f_NX, P_NX), [-1], true), bySequence(reshape(weights, [N, 1]))))
}

/** What stands one further in the same segment: its target, and its weight, which is 0 past the segment's end. */
function afterNext({ segments, targets, weights }: AuxiliaryRows): { targets: Tensor; weights: Tensor } {
  const [R, T] = segments.shape as [number, number]
  const next = (grid: Tensor) => concat([slice(grid, 1, 1, T), slice(grid, 1, T - 1, T)], 1)
  const shifted = (x: Tensor) => next(reshape(x, [R, T]))
  const places = arange([1, T])
  const same = and(equal(shifted(segments), segments), less(places, next(places)))
  return {
    targets: reshape(shifted(targets), [R * T]),
    weights: reshape(mul(shifted(weights), cast(same, 'float32')), [R * T]),
  }
}
