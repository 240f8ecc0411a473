/** The door `r1-ts/evaluation`: benchmarks, the paper's protocol, and models here or behind a server that answer it. */
export type { AskedQuestion, Question, QuestionSet, Task } from '../tasks/task.ts'
export type { Verdict } from '../verifiers/verifier.ts'
export type { Benchmark } from './benchmark.ts'
export { BENCHMARKS, findBenchmark } from './benchmark-index.ts'
export { type EndpointOptions, endpointResponder } from './endpoint-responder.ts'
export { type EvaluateOptions, type Evaluation, evaluateResponder, type Progress } from './evaluate.ts'
export { type Judge, JudgeError } from './judge.ts'
export { localResponder } from './local-responder.ts'
export {
  type MeasuredModel,
  type Measurement,
  type MeasureOptions,
  measureModel,
  type RunFigures,
} from './measure-model.ts'
export {
  balanceLengths,
  type ChosenText,
  type Comparison,
  clearPreferences,
  type Judgement,
  type JudgeOptions,
  judgePairs,
} from './pairwise-judge.ts'
export { type AskedPolicy, policyResponder } from './policy-responder.ts'
export type { EvaluationFigures, GradedQuestion, GradedSample } from './protocol.ts'
export type { ModelResponse, Responder, ResponseRequest, SamplingSettings } from './responder.ts'
export { type EvaluationRun, runEvaluation } from './run-evaluation.ts'
export { majorityAt, type ScoredSample, type SelectionRow, selectionCurve } from './selection.ts'
export { type SearchedResponse, type TreeSearchOptions, treeSearch } from './tree-search.ts'
