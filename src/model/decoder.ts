/**
 * A decoder around the layers of its architecture: embedding, residual stream, last norm and output head.
 *
 * Shape letters: R rows, T tokens a row, N = R·T, D hidden, H heads, C cached positions, V vocabulary.
 */
import { gather, linear, mul, reshape, rmsNormalize } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { architectureOf } from './architectures.ts'
import type { DecoderConfig, DeepseekV3Config } from './config.ts'
import type { Attend } from './parts/attend.ts'
import type { Routing } from './parts/mixture-of-experts.ts'
import { predictionInput } from './parts/multi-token-prediction.ts'

export interface DecoderInputs {
  /** Token ids [R, T], int64. */
  tokens: Tensor
  /** Position of each token [R, T], int64. */
  positions: Tensor
  /** Rotary tables [P, rotarySize / 2]. */
  cos: Tensor
  sin: Tensor
  /** A parameter by its Hugging Face name. */
  parameter: (name: string) => Tensor
}

export interface DecoderOutputs {
  /** After the last norm [N, D]. */
  hidden_ND: Tensor
  /** The residual stream before each layer and after the last [N, D]. */
  stream: Tensor[]
  /** What a cache keeps of the given tokens, layer after layer: the layout's planes, [R, heads, T, size] each. */
  cached: Tensor[]
  /** Of the layers that have experts, by layer. */
  routings: Map<number, Routing>
}

export function decoder(config: DecoderConfig, inputs: DecoderInputs, attend: Attend): DecoderOutputs {
  const architecture = architectureOf(config)
  const cached: Tensor[] = []
  const routings = new Map<number, Routing>()
  let x_ND = embed(config, inputs.tokens, inputs.parameter)
  const stream = [x_ND]
  for (let layer = 0; layer < config.numLayers; layer++) {
    const parameter = (name: string) => inputs.parameter(`model.layers.${layer}.${name}`)
    const outputs = architecture.layer({ ...inputs, x_ND, parameter, attend, layer })
    x_ND = outputs.x_ND
    stream.push(x_ND)
    cached.push(...outputs.cached)
    if (outputs.routing !== undefined) routings.set(layer, outputs.routing)
  }
  const hidden_ND = mul(rmsNormalize(x_ND, config.rmsNormEpsilon), inputs.parameter('model.norm.weight'))
  return { hidden_ND, stream, cached, routings }
}

/** The module that predicts the token after the next one. */
export function predictAfterNext(
  config: DeepseekV3Config,
  inputs: Omit<DecoderInputs, 'tokens'> & {
    /** Of each token the state after the last norm [N, D], and the id of the one after it [R, T], int64. */
    hidden_ND: Tensor
    nextTokens: Tensor
  },
  attend: Attend,
): { logits_NV: Tensor; cached: Tensor[]; routing: Routing } {
  const layer = config.numLayers
  const parameter = (name: string) => inputs.parameter(`model.layers.${layer}.${name}`)
  const next_ND = embed(config, inputs.nextTokens, inputs.parameter)
  const joined_ND = predictionInput(config, inputs.hidden_ND, next_ND, parameter)
  const outputs = architectureOf(config).layer({ ...inputs, x_ND: joined_ND, parameter, attend, layer })
  const unit_ND = rmsNormalize(outputs.x_ND, config.rmsNormEpsilon)
  const hidden_ND = mul(unit_ND, parameter('shared_head.norm.weight'))
  const logits_NV = outputHead(config, hidden_ND, inputs.parameter)
  return { logits_NV, cached: outputs.cached, routing: outputs.routing! }
}

const embed = (
  { hiddenSize }: DecoderConfig,
  tokens: Tensor,
  parameter: DecoderInputs['parameter'],
): Tensor => {
  const [rows, length] = tokens.shape as [number, number]
  return reshape(gather(parameter('model.embed_tokens.weight'), tokens), [rows * length, hiddenSize])
}

/** Scores of the next token: [N, D] -> [N, V]. */
export const outputHead = (
  config: DecoderConfig,
  hidden_ND: Tensor,
  parameter: DecoderInputs['parameter'],
): Tensor =>
  linear(hidden_ND, parameter(config.tieEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight'))
