/** The door `r1-ts/engine`: the verbs that train, score and sample, in this process or on a server of the Tinker API. */

export type { ParameterSpec } from '../model/architecture.ts'
export type {
  DecoderConfig,
  DeepseekV3Config,
  Gemma3Config,
  GroupedQueryConfig,
  LinearRopeScaling,
  Llama3RopeScaling,
  LlamaConfig,
  MistralConfig,
  Qwen3Config,
  Qwen3MoeConfig,
  SmolLM3Config,
  YarnRopeScaling,
} from '../model/config.ts'
export type { AdaptedMatrix, Lora } from '../model/lora.ts'
export type { AdamW } from '../objectives/adamw.ts'
export type { NamedLoss } from '../objectives/named-loss.ts'
export type { Objective, ValueObjective } from '../objectives/objective.ts'
export type {
  Graph,
  Program,
  Region,
  Run as ProgramRun,
  Runtime,
  State,
  Values,
} from '../runtime/runtime.ts'
export type { Adapter } from './embedded/adapter.ts'
export type { AuxiliaryWeights } from './embedded/auxiliary-losses.ts'
export type { EmbeddedEngine, EmbeddedEngineOptions, OpenRuntime } from './embedded/embedded-engine.ts'
export { createEmbeddedEngine } from './embedded/local-engine.ts'
export type { PackedTypes } from './embedded/packed-weights.ts'
export {
  createScalarModel,
  type EmbeddedScalarModel,
  type ScalarModelOptions,
} from './embedded/scalar-model.ts'
export type { Speculation } from './embedded/speculative-sampler.ts'
export type { Weights } from './embedded/weights.ts'
export type {
  Datum,
  Engine,
  ForwardBackwardResult,
  OptimStepResult,
  Policy,
  SampledSequence,
  SampleRequest,
  SamplingOptions,
  SaveOptions,
  Snapshot,
  StopReason,
  TokenLogprob,
} from './engine.ts'
export type { ScalarModel, ValueDatum, ValueForwardBackwardResult } from './scalar-model.ts'
export { type Capabilities, type ProbedServer, probe } from './tinker/capabilities.ts'
export type { Accepted, RequestOptions, ResultForm } from './tinker/client.ts'
export { type Connection, createClient, type TinkerClient, TinkerError } from './tinker/client.ts'
export { openTinkerEngine, type TinkerEngineOptions } from './tinker/tinker-engine.ts'
