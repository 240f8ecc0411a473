/**
 * A decoder around the layers of its architecture: embedding, residual stream, last norm and output head.
 *
 * Shape letters: R rows, T tokens a row, N = R·T, D hidden, H heads, C cached positions, V vocabulary.
 */
import { gather, linear, mul, reshape, rmsNormalize } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { architectureOf } from './architectures.ts'
import type { DecoderConfig } from './config.ts'
import type { Attend } from './parts/attend.ts'
import type { Routing } from './parts/mixture-of-experts.ts'

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
