/** The door `r1-ts/engine`: the verbs that train, score and sample, in this process or on a server of the Tinker API. */
export type { AdamW } from '../objectives/adamw.ts'
export type { Objective, ValueObjective } from '../objectives/objective.ts'
export {
  createEmbeddedEngine,
  type EmbeddedEngine,
  type EmbeddedEngineOptions,
} from './embedded/embedded-engine.ts'
export {
  createScalarModel,
  type EmbeddedScalarModel,
  type ScalarModelOptions,
} from './embedded/scalar-model.ts'
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
} from './engine.ts'
export type { ScalarModel, ValueDatum, ValueForwardBackwardResult } from './scalar-model.ts'
export { type Capabilities, type ProbedServer, probe } from './tinker/capabilities.ts'
export { type Connection, createClient, type TinkerClient, TinkerError } from './tinker/client.ts'
export { openTinkerEngine, type TinkerEngineOptions } from './tinker/tinker-engine.ts'
