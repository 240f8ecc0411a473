/**
 * A decoder around the layers of its architecture: embedding, residual stream, last norm and output head.
 *
 * Shape letters: R rows, T tokens a row, N = R·T, D hidden, H heads, C cached positions, V vocabulary.
 */
import { add, gather, linear, mul, reshape, rmsNormalize } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { LayerInputs } from './architecture.ts'
import { architectureOf } from './architectures.ts'
import type { DecoderConfig, DeepseekV3Config } from './config.ts'
import type { Attend } from './parts/attend.ts'
import type { Routing } from './parts/mixture-of-experts.ts'
import { predictionInput } from './parts/multi-token-prediction.ts'
import { windowed } from './parts/window.ts'

export interface DecoderInputs {
  /** Token ids [R, T], int64. */
  tokens: Tensor
  /** Position of each token [R, T], int64. */
  positions: Tensor
  /** Rotary tables, see rope.ts. */
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
  const layerViews = viewsOf(config, inputs.positions, attend)
  const cached: Tensor[] = []
  const routings = new Map<number, Routing>()
  let x_ND = embed(config, inputs.tokens, inputs.parameter)
  const stream = [x_ND]
  for (let layer = 0; layer < config.numLayers; layer++) {
    const parameter = (name: string) => inputs.parameter(`model.layers.${layer}.${name}`)
    const outputs = architecture.layer({ ...inputs, ...layerViews(layer), x_ND, parameter, layer })
    x_ND = outputs.x_ND
    stream.push(x_ND)
    cached.push(...outputs.cached)
    if (outputs.routing !== undefined) routings.set(layer, outputs.routing)
  }
  const gain_D = inputs.parameter('model.norm.weight')
  const unit_ND = rmsNormalize(x_ND, config.rmsNormEpsilon)
  const hidden_ND = mul(unit_ND, architecture.zeroCenteredNorms ? add(gain_D, 1) : gain_D)
  return { hidden_ND, stream, cached, routings }
}

/** What a layer sees of the other tokens, and the rows of the rotary tables that it reads: made once for all alike. */
function viewsOf(
  config: DecoderConfig,
  positions: Tensor,
  attend: Attend,
): (layer: number) => Pick<LayerInputs, 'attend' | 'positions'> {
  const { window, ropeTable } = architectureOf(config)
  const views = new Map<string, Pick<LayerInputs, 'attend' | 'positions'>>()
  return (layer) => {
    const [width, table] = [window?.(layer), ropeTable?.(layer) ?? 0]
    const key = `${width} ${table}`
    const view = views.get(key) ?? {
      attend: width === undefined ? attend : windowed(attend, positions, width),
      positions: table === 0 ? positions : add(positions, table * config.maxPositions),
    }
    views.set(key, view)
    return view
  }
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

const embed = (config: DecoderConfig, tokens: Tensor, parameter: DecoderInputs['parameter']): Tensor => {
  const [rows, length] = tokens.shape as [number, number]
  const rows_RTD = gather(parameter('model.embed_tokens.weight'), tokens)
  const x_ND = reshape(rows_RTD, [rows * length, config.hiddenSize])
  const { embeddingScale } = architectureOf(config)
  return embeddingScale === undefined ? x_ND : mul(x_ND, embeddingScale)
}

/** Scores of the next token: [N, D] -> [N, V]. */
export const outputHead = (
  config: DecoderConfig,
  hidden_ND: Tensor,
  parameter: DecoderInputs['parameter'],
): Tensor =>
  linear(hidden_ND, parameter(config.tieEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight'))
