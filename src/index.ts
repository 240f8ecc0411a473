/**
 * The library: what the recipes are made of. `examples/` shows it at work, `docs/architecture.md` where each part
 * stands. Everything that is not exported here may change between versions.
 */

export { type CriticConfig, criticConfig } from './algorithms/critic-config.ts'
export {
  type AdvantageGroup,
  type GrpoOptions,
  type GrpoStep,
  grpo,
  type StepMetrics,
} from './algorithms/grpo.ts'
export { type GrpoConfig, grpoConfig } from './algorithms/grpo-config.ts'
export {
  type OnPolicyDistillationOptions,
  onPolicyDistillation,
} from './algorithms/on-policy-distillation.ts'
export { type PpoOptions, type PpoStep, ppo } from './algorithms/ppo.ts'
export { type PpoConfig, ppoConfig } from './algorithms/ppo-config.ts'
export {
  type PretrainConfig,
  type PretrainOptions,
  type PretrainStep,
  pretrain,
  pretrainConfig,
} from './algorithms/pretrain.ts'
export {
  READABILITY_FILTERS,
  type RejectionSampling,
  type ResponseFilter,
  rejectionSampling,
} from './algorithms/rejection-sampling.ts'
export {
  type LabelledResponse,
  type LabelledSteps,
  type PreferencePair,
  type RewardExamples,
  type RewardModelOptions,
  type RewardModelStep,
  rewardModelSteps,
  type StepExamples,
  trainRewardModel,
} from './algorithms/reward-model.ts'
export { type RewardModelConfig, rewardModelConfig } from './algorithms/reward-model-config.ts'
export {
  lengthBaseline,
  measureRewardModel,
  type RewardModelFigures,
} from './algorithms/reward-model-figures.ts'
export type {
  CriticSettings,
  GrpoSettings,
  LoraSettings,
  OnPolicyDistillationSettings,
  PpoSettings,
  PretrainSettings,
  RewardModelSettings,
  SftSettings,
} from './algorithms/settings.ts'
export { type SftExample, type SftOptions, type SftStep, sft } from './algorithms/sft.ts'
export { type SftConfig, sftConfig } from './algorithms/sft-config.ts'
export type {
  Datum,
  Engine,
  ForwardBackwardResult,
  OptimStepResult,
  Policy,
  SampledSequence,
  SampleRequest,
  SamplingOptions,
  Snapshot,
  StopReason,
} from './engine/engine.ts'
export { createOnnxEngine, type OnnxEngine, type OnnxEngineOptions } from './engine/onnx/onnx-engine.ts'
export {
  createScalarModel,
  type OnnxScalarModel,
  type ScalarModelOptions,
} from './engine/onnx/scalar-model.ts'
export type { ScalarModel, ValueDatum, ValueForwardBackwardResult } from './engine/scalar-model.ts'
export { openTinkerEngine, type TinkerEngineOptions } from './engine/tinker/tinker-engine.ts'
export {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  SandboxError,
  UserError,
  type UserErrorDetails,
} from './errors.ts'
export type { Benchmark } from './evaluation/benchmark.ts'
export { BENCHMARKS, findBenchmark } from './evaluation/benchmark-index.ts'
export { type EndpointOptions, endpointResponder } from './evaluation/endpoint-responder.ts'
export {
  type EvaluateOptions,
  type Evaluation,
  evaluateResponder,
  type Progress,
} from './evaluation/evaluate.ts'
export { localResponder } from './evaluation/local-responder.ts'
export {
  type MeasuredModel,
  type Measurement,
  type MeasureOptions,
  measureModel,
  type RunFigures,
} from './evaluation/measure-model.ts'
export {
  balanceLengths,
  type ChosenText,
  type Comparison,
  clearPreferences,
  type Judgement,
  type JudgeOptions,
  judgePairs,
} from './evaluation/pairwise-judge.ts'
export { type AskedPolicy, policyResponder } from './evaluation/policy-responder.ts'
export type { EvaluationFigures, GradedQuestion, GradedSample } from './evaluation/protocol.ts'
export type { ModelResponse, Responder, ResponseRequest, SamplingSettings } from './evaluation/responder.ts'
export { type EvaluationRun, runEvaluation } from './evaluation/run-evaluation.ts'
export { majorityAt, type ScoredSample, type SelectionRow, selectionCurve } from './evaluation/selection.ts'
export { type SearchedResponse, type TreeSearchOptions, treeSearch } from './evaluation/tree-search.ts'
export * as operations from './graph/operations.ts'
export type { Tensor } from './graph/tensor.ts'
export { type LocalModel, type LocalModelOptions, openModel } from './loading/local-model.ts'
export { type LocalScalarModel, openScalarModel } from './loading/local-scalar-model.ts'
export { openSamplingModel, type SamplingModel } from './loading/sampling-model.ts'
export type { DecoderConfig } from './model/config.ts'
export type { AdamW } from './objectives/adamw.ts'
export { type AdvantageOptions, groupAdvantages, isDegenerate } from './objectives/advantages.ts'
export { type AggregationOptions, tokenWeights } from './objectives/aggregation.ts'
export { coefficients } from './objectives/coefficients.ts'
export { crossEntropy } from './objectives/cross-entropy.ts'
export { type ImportanceCorrection, importanceWeights } from './objectives/importance-correction.ts'
export type {
  Objective,
  SequenceBatch,
  TokenBatch,
  ValueBatch,
  ValueObjective,
} from './objectives/objective.ts'
export { type PolicyGradientOptions, policyGradient } from './objectives/policy-gradient.ts'
export { bradleyTerry, logistic } from './objectives/preference.ts'
export { type FineTuned, type FineTuning, fineTuningStage } from './pipeline/fine-tuning.ts'
export { type PipelineStage, type RunContext, runPipeline, type StageContext } from './pipeline/pipeline.ts'
export {
  type Algorithm,
  type Reinforced,
  type Reinforcement,
  reinforcementStage,
} from './pipeline/reinforcement.ts'
export { pocketWorld, type World } from './pipeline/world.ts'
export { hashText, type RandomStream, randomStream } from './random.ts'
export { type AttemptsConfig, attemptStages, attemptsConfig } from './recipes/attempts.ts'
export { type DistillConfig, distillConfig, distillStages } from './recipes/distill.ts'
export { type EvaluateModelOptions, evaluate } from './recipes/evaluate.ts'
export { type R1Config, type R1Parts, type R1Settings, r1Config, r1Stages } from './recipes/r1.ts'
export {
  presets,
  type R1Zero,
  type R1ZeroConfig,
  type R1ZeroDone,
  type R1ZeroResult,
  r1Zero,
  r1ZeroConfig,
} from './recipes/r1-zero.ts'
export type { R1RecipeSettings, R1ZeroSettings } from './recipes/settings.ts'
export {
  type TrainEvaluation,
  type Training,
  type TrainOptions,
  type TrainResult,
  type TrainStep,
  train,
} from './recipes/train.ts'
export { accuracyReward } from './rewards/accuracy.ts'
export { formatReward, tagCountReward, thinkFormatReward } from './rewards/format.ts'
export { languageConsistencyReward } from './rewards/language-consistency.ts'
export { cosineLengthReward, kimiLengthRewards } from './rewards/length.ts'
export { overlongReward } from './rewards/overlong.ts'
export {
  type JudgedPart,
  judgedPart,
  type PreferenceRewardOptions,
  preferenceReward,
} from './rewards/preference.ts'
export { type ProcessRewardOptions, processReward, readSteps, type StepReader } from './rewards/process.ts'
export { repetitionReward } from './rewards/repetition.ts'
export { type ResponseToScore, type Reward, type Scored, scoreResponse } from './rewards/reward.ts'
export { type RuleRewardOptions, ruleRewards } from './rewards/rule-rewards.ts'
export type { Group, Rollout } from './rollout/rollout.ts'
export { type SampleOptions, sample } from './rollout/sample.ts'
export {
  type GroupSampler,
  responseText,
  sampleGroups,
  stopTokens,
} from './rollout/sample-groups.ts'
export { createRun, openRun, type Run, type RunInfo } from './run/folder.ts'
export { loadTask, type TaskOptions } from './tasks/load-task.ts'
export { type PassRateRange, readPassRates, selectByPassRate } from './tasks/pass-rate.ts'
export { pocketHeldOut, pocketTask } from './tasks/pocket/task.ts'
export { questionSet, readQuestions, trainingTask } from './tasks/question-file.ts'
export type { AskedQuestion, Question, QuestionSet, Task, TrainingData, TrainingTask } from './tasks/task.ts'
export { isMixed, languageShare } from './text/language.ts'
export { renderR1Zero } from './text/r1-zero-template.ts'
export { loadTokenizer, type Tokenizer, tokenizerFromFiles } from './text/tokenizer.ts'
export { type ChoiceOptions, verifyChoice } from './verifiers/choice.ts'
export {
  type CodeOptions,
  type CodeTests,
  closeSandboxes,
  codeTestsFromGold,
  verifyCode,
} from './verifiers/code/verify.ts'
export { type CountdownOptions, verifyCountdown } from './verifiers/countdown.ts'
export { judgeMath, type VerifyMathOptions, verifyMath } from './verifiers/math/verify.ts'
export type { Verdict } from './verifiers/verifier.ts'
