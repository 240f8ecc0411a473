/** The door `r1-ts/rewards`: what a response is worth. The types a reward sees come with it. Loads no engine. */
export type { StopReason } from '../engine/engine.ts'
export type { ScalarModel } from '../engine/scalar-model.ts'
export { JudgeError } from '../errors.ts'
export { type EndpointJudgeOptions, endpointJudge, type OpenedJudge } from '../responders/server-judge.ts'
export type { Question, Task } from '../tasks/task.ts'
export type { Verdict } from '../verifiers/verifier.ts'
export { accuracyReward } from './accuracy.ts'
export { formatReward, tagCountReward, thinkFormatReward } from './format.ts'
export { type LanguageConsistencyOptions, languageConsistencyReward } from './language-consistency.ts'
export {
  type CosineLengthOptions,
  cosineLengthReward,
  kimiLengthReward,
  kimiLengthRewards,
} from './length.ts'
export { type OverlongOptions, overlongReward } from './overlong.ts'
export {
  type JudgedPart,
  judgedPart,
  type PreferenceRewardOptions,
  preferenceReward,
} from './preference.ts'
export { type ProcessRewardOptions, processReward, readSteps, type StepReader } from './process.ts'
export { type RepetitionOptions, repetitionReward } from './repetition.ts'
export {
  type AnyReward,
  type GroupReward,
  type ResponseToScore,
  type Reward,
  type RewardLimits,
  type Score,
  type Scored,
  scoreGroup,
  scoreResponse,
} from './reward.ts'
export { type RubricRewardOptions, rubricReward } from './rubric.ts'
export { type Weight, type WeightSchedule, weightAt } from './weight.ts'
