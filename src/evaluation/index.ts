/** The door `r1-ts/evaluation`: benchmarks, the paper's protocol, and models here or behind a server that answer it. */

export type { RetryPolicy } from '../engine/openai/retry.ts'
export { JudgeError } from '../errors.ts'
export { type EndpointOptions, endpointResponder } from '../responders/endpoint-responder.ts'
export {
  type Judge,
  type JudgeCounts,
  type JudgeOptions,
  type JudgeQuestion,
  openJudge,
} from '../responders/judge.ts'
export {
  balanceLengths,
  type Comparison,
  clearPreference,
  pairVerdicts,
} from '../responders/pairwise-judge.ts'
export type { ModelResponse, Responder, ResponseRequest, SamplingSettings } from '../responders/responder.ts'
export type { ResponseCache } from '../responders/response-cache.ts'
export type { RowMapping } from '../tasks/file-kinds.ts'
export type { FileRow } from '../tasks/file-rows.ts'
export type { AskedQuestion, Question, QuestionSet, Task } from '../tasks/task.ts'
export type { AnswerForm } from '../text/reasoning.ts'
export type { Kind } from '../verifiers/kinds.ts'
export type { Verdict } from '../verifiers/verifier.ts'
export type { Benchmark, BenchmarkSettings, ExtraFigures, FigureContext, LoadOptions } from './benchmark.ts'
export { BENCHMARKS, findBenchmark } from './benchmark-index.ts'
export { type EvaluateOptions, type Evaluation, evaluateResponder, type Progress } from './evaluate.ts'
export { localResponder } from './local-responder.ts'
export {
  type MeasuredModel,
  type Measurement,
  type MeasureOptions,
  measureModel,
  type RunFigures,
} from './measure-model.ts'
export { type AskedPolicy, policyResponder } from './policy-responder.ts'
export type { Equivalent, EvaluationFigures, GradedQuestion, GradedSample, Interval } from './protocol.ts'
export { type EvaluationRun, runEvaluation } from './run-evaluation.ts'
export { majorityAt, type ScoredSample, type SelectionRow, selectionCurve } from './selection.ts'
export { type SearchedResponse, type TreeSearchOptions, treeSearch } from './tree-search.ts'
