/**
 * The door `r1-ts/objectives`: advantages, losses and their parts, and `operations`, which a loss of your own is made
 * of. Loads no engine; `evaluateObjective` computes a loss and its gradient in float64.
 */

export type { Operand } from '../graph/operations.ts'
export * as operations from '../graph/operations.ts'
export type { Packed } from '../graph/packed.ts'
export type { Attributes, DType, NoAttributes, Operation, Shape, Tensor } from '../graph/tensor.ts'
export type { AdamW } from './adamw.ts'
export { type AdvantageOptions, groupAdvantages, isDegenerate } from './advantages.ts'
export type { Aggregation, ResponseLength } from './aggregation.ts'
export { type AggregationOptions, tokenWeights } from './aggregation.ts'
export { coefficients } from './coefficients.ts'
export { crossEntropy } from './cross-entropy.ts'
export {
  evaluateObjective,
  evaluateValueObjective,
  type ObjectiveValue,
  type ScoredSequence,
  type ValuedSequence,
} from './evaluate-objective.ts'
export { type GeneralizedAdvantages, generalizedAdvantages } from './generalized-advantages.ts'
export { type ImportanceCorrection, importanceWeights } from './importance-correction.ts'
export type { KlEstimator } from './kl.ts'
export type { NamedLoss } from './named-loss.ts'
export type { Objective, SequenceBatch, TokenBatch, ValueBatch, ValueObjective } from './objective.ts'
export { type PolicyGradientOptions, policyGradient } from './policy-gradient.ts'
export { bradleyTerry, logistic } from './preference.ts'
