/**
 * The library: what the recipes are made of. `examples/` shows it at work, `docs/architecture.md` where each part
 * stands. Everything that is not exported here may change between versions.
 */

export { type CriticConfig, criticConfig } from './algorithms/critic-config.ts'
export type { RolloutDone } from './algorithms/grpo.ts'
export {
  type AdvantageGroup,
  type GrpoOptions,
  type GrpoStep,
  grpo,
  type StepMetrics,
} from './algorithms/grpo.ts'
export { type GrpoConfig, grpoConfig } from './algorithms/grpo-config.ts'
export type { OnPolicyDistillationStep } from './algorithms/on-policy-distillation.ts'
export {
  type OnPolicyDistillationOptions,
  onPolicyDistillation,
} from './algorithms/on-policy-distillation.ts'
export type { OnPolicyDistillationConfig } from './algorithms/on-policy-distillation-config.ts'
export { type PpoOptions, type PpoStep, ppo } from './algorithms/ppo.ts'
export { type PpoConfig, ppoConfig } from './algorithms/ppo-config.ts'
export {
  type PretrainConfig,
  type PretrainOptions,
  type PretrainStep,
  pretrain,
  pretrainConfig,
} from './algorithms/pretrain.ts'
export type { SelectedResponses } from './algorithms/rejection-sampling.ts'
export {
  type RejectionSampling,
  type ResponseFilter,
  readabilityFilters,
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
export type { ReliabilityBin } from './algorithms/reward-model-figures.ts'
export {
  lengthBaseline,
  measureRewardModel,
  type RewardModelFigures,
} from './algorithms/reward-model-figures.ts'
export type { BegunPart, Dropped } from './algorithms/rollout-schedule.ts'
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
export type { JsonObject } from './disk/jsonl.ts'
export { diagnosis, findingText } from './doctor/finding-text.ts'
export { type Examination, examineRun, type Rollback } from './doctor/read-run.ts'
export type { Finding, ResponsePlace } from './doctor/rule.ts'
export * from './engine/index.ts'
export {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  SandboxError,
  UserError,
  type UserErrorDetails,
} from './errors.ts'
export * from './evaluation/index.ts'
export {
  type LocalModel,
  type LocalModelOptions,
  openModel,
  type TemplateChoice,
} from './loading/local-model.ts'
export { type LocalScalarModel, openScalarModel } from './loading/local-scalar-model.ts'
export type { ServerOptions } from './loading/sampling-model.ts'
export { openSamplingModel, type SamplingModel } from './loading/sampling-model.ts'
export * from './objectives/index.ts'
export type { Measured, NamedEvaluation } from './pipeline/evaluations.ts'
export { type FineTuned, type FineTuning, fineTuningStage } from './pipeline/fine-tuning.ts'
export type { PipelineOptions } from './pipeline/pipeline.ts'
export { type PipelineStage, type RunContext, runPipeline, type StageContext } from './pipeline/pipeline.ts'
export {
  type Algorithm,
  type Reinforced,
  type Reinforcement,
  reinforcementStage,
} from './pipeline/reinforcement.ts'
export type { SftData, SftRow } from './pipeline/sft-data.ts'
export type { TrainedModel } from './pipeline/trained-model.ts'
export type { HeldOutSets, Split, StepRules } from './pipeline/world.ts'
export { pocketWorld, type World } from './pipeline/world.ts'
export { hashText, type RandomStream, randomStream } from './random.ts'
export type { AttemptsStagesConfig } from './recipes/attempts.ts'
export { type AttemptsConfig, attemptStages, attemptsConfig } from './recipes/attempts.ts'
export type { DistillStagesConfig } from './recipes/distill.ts'
export { type DistillConfig, distillConfig, distillStages } from './recipes/distill.ts'
export { type EvaluateModelOptions, evaluate } from './recipes/evaluate.ts'
export { type R1Parts, r1Stages } from './recipes/r1.ts'
export { type R1Config, type R1Settings, r1Config } from './recipes/r1-config.ts'
export {
  presets,
  type R1Zero,
  type R1ZeroConfig,
  type R1ZeroDone,
  type R1ZeroResult,
  r1Zero,
  r1ZeroConfig,
} from './recipes/r1-zero.ts'
export type {
  DoctorSettings,
  EngineSettings,
  R1RecipeSettings,
  R1ZeroSettings,
  StageEvaluationSettings,
  WeightScheduleSettings,
} from './recipes/settings.ts'
export {
  type TrainEvaluation,
  type Training,
  type TrainOptions,
  type TrainResult,
  type TrainStep,
  train,
} from './recipes/train.ts'
export type { WrittenReport } from './report/run-report.ts'
export type { QuestionFigures, RunSummary } from './report/run-summary.ts'
export type { Transcript, TranscriptResponse } from './report/transcript.ts'
export * from './rewards/index.ts'
export { type RuleRewardOptions, ruleRewards } from './rewards/rule-rewards.ts'
export type { Group, Rollout } from './rollout/rollout.ts'
export { type SampleOptions, sample } from './rollout/sample.ts'
export {
  type GroupSampler,
  responseText,
  sampleGroups,
  stopTokens,
  type UnjudgedGroup,
} from './rollout/sample-groups.ts'
export type { Checkpoint, CheckpointToSave, NewestCheckpoint } from './run/checkpoint.ts'
export type { RunStatus } from './run/folder.ts'
export { createRun, openRun, type Run, type RunInfo } from './run/folder.ts'
export type { MetricsLine, StepNumbers } from './run/metrics.ts'
export type { Provenance } from './run/provenance.ts'
export type { Resolved } from './settings/resolved.ts'
export type { CurriculumOptions } from './tasks/curriculum.ts'
export { loadTask, type TaskOptions } from './tasks/load-task.ts'
export type { PassRateSelection } from './tasks/pass-rate.ts'
export { type PassRateRange, readPassRates, selectByPassRate } from './tasks/pass-rate.ts'
export { pocketHeldOut, pocketTask } from './tasks/pocket/task.ts'
export { questionSet, readQuestions, trainingTask } from './tasks/question-file.ts'
export type {
  AskedQuestion,
  Question,
  QuestionKind,
  QuestionSet,
  Task,
  TrainingData,
  TrainingTask,
} from './tasks/task.ts'
export type { ChatMessage } from './text/chat-template.ts'
export { isMixed, languageShare } from './text/language.ts'
export { loadTokenizer } from './text/load-tokenizer.ts'
export { renderR1Zero } from './text/r1-zero-template.ts'
export { type IncrementalDecoder, type Tokenizer, tokenizerFromFiles } from './text/tokenizer.ts'
export * from './verifiers/index.ts'
