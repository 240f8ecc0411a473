/**
 * A Llama- or Qwen2-style decoder: RMSNorm, grouped-query attention with rotary positions, SwiGLU (paper.md §10.2).
 *
 * Shape letters: R rows, T tokens a row, N = R·T, D hidden, H heads, K key-value heads, G = H / K, E head size,
 * C cached positions, V vocabulary.
 */
import {
  add,
  concat,
  gather,
  linear,
  matmul,
  mul,
  reshape,
  rmsNormalize,
  rotary,
  silu,
  slice,
  softmax,
  transpose,
} from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { DecoderConfig } from './config.ts'

export interface DecoderInputs {
  /** Token ids [R, T], int64. */
  tokens: Tensor
  /** Position of each token [R, T], int64. */
  positions: Tensor
  /** Rotary tables [P, E/2]. */
  cos: Tensor
  sin: Tensor
  /** A parameter by its Hugging Face name. */
  parameter: (name: string) => Tensor
}

/** How attention sees other tokens: those of its own row (training, prefill), or a cache of keys and values (decoding). */
export type Attend =
  /** Added to the scores: [R, 1, T, T], 0 where attention is allowed. */
  | { kind: 'row'; mask_R1TT: Tensor }
  /** T is 1; keys and values [R, K, C, E] of each layer, and a mask added to the scores [R, 1, 1, C]. */
  | { kind: 'cache'; keys: Tensor[]; values: Tensor[]; mask_R11C: Tensor }

export interface DecoderOutputs {
  /** After the last norm [N, D]. */
  hidden_ND: Tensor
  /** Keys (rotated) and values of every layer for the given tokens, [R, K, T, E] each. */
  keys: Tensor[]
  values: Tensor[]
}

export function decoder(config: DecoderConfig, inputs: DecoderInputs, attend: Attend): DecoderOutputs {
  const [rows, length] = inputs.tokens.shape as [number, number]
  const { hiddenSize, rmsNormEpsilon } = config
  const keys: Tensor[] = []
  const values: Tensor[] = []
  let x_ND = reshape(gather(inputs.parameter('model.embed_tokens.weight'), inputs.tokens), [
    rows * length,
    hiddenSize,
  ])
  for (let layer = 0; layer < config.numLayers; layer++) {
    const parameter = (name: string) => inputs.parameter(`model.layers.${layer}.${name}`)
    const attention = selfAttention(
      config,
      { ...inputs, parameter },
      normalized(x_ND, parameter('input_layernorm.weight'), rmsNormEpsilon),
      attend,
      layer,
    )
    keys.push(attention.keys)
    values.push(attention.values)
    x_ND = add(x_ND, attention.output_ND)
    x_ND = add(
      x_ND,
      swiglu(normalized(x_ND, parameter('post_attention_layernorm.weight'), rmsNormEpsilon), parameter),
    )
  }
  const hidden_ND = mul(rmsNormalize(x_ND, rmsNormEpsilon), inputs.parameter('model.norm.weight'))
  return { hidden_ND, keys, values }
}

/** Scores of the next token: [N, D] -> [N, V]. */
export const outputHead = (
  config: DecoderConfig,
  hidden_ND: Tensor,
  parameter: DecoderInputs['parameter'],
): Tensor =>
  linear(hidden_ND, parameter(config.tieEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight'))

/** A linear map of the normalised input. The norm's gain scales the activations or the weight, whichever is smaller. */
type Projection = (weight: Tensor) => Tensor

function normalized(x_ND: Tensor, gain_D: Tensor, epsilon: number): Projection {
  const unit_ND = rmsNormalize(x_ND, epsilon)
  const scaled_ND = mul(unit_ND, gain_D)
  return (weight) =>
    x_ND.shape[0]! <= weight.shape[0]! ? linear(scaled_ND, weight) : linear(unit_ND, mul(weight, gain_D))
}

function swiglu(project: Projection, parameter: DecoderInputs['parameter']): Tensor {
  const gate = project(parameter('mlp.gate_proj.weight'))
  const up = project(parameter('mlp.up_proj.weight'))
  return linear(mul(silu(gate), up), parameter('mlp.down_proj.weight'))
}

function selfAttention(
  config: DecoderConfig,
  { tokens, positions, cos, sin, parameter }: DecoderInputs,
  project: Projection,
  attend: Attend,
  layer: number,
): { output_ND: Tensor; keys: Tensor; values: Tensor } {
  const [R, T] = tokens.shape as [number, number]
  const { numHeads: H, numKeyValueHeads: K, headSize: E } = config
  const G = H / K
  const projected = (name: string, heads: number) => {
    const y = project(parameter(`self_attn.${name}.weight`))
    const biased = config.attentionBias ? add(y, parameter(`self_attn.${name}.bias`)) : y
    return reshape(biased, [R, T, heads * E])
  }
  const rotated = (x: Tensor) => rotary(x, positions, cos, sin)
  const byHead = (x_RTK: Tensor) => transpose(reshape(x_RTK, [R, T, K, E]), [0, 2, 1, 3])

  // Query heads that share a key-value head stand together, so that keys and values are never repeated.
  // The scale goes on the queries: a product without a factor has a faster kernel where there is one query a head.
  const query = mul(rotated(projected('q_proj', H)), 1 / Math.sqrt(E))
  const query_RKME = reshape(transpose(reshape(query, [R, T, K, G, E]), [0, 2, 3, 1, 4]), [R, K, G * T, E])
  const keys = byHead(rotated(projected('k_proj', K)))
  const values = byHead(projected('v_proj', K))

  const scores = matmul(query_RKME, keys, { transposeB: true })
  let mixed_RKME: Tensor
  if (attend.kind === 'row') {
    const masked = add(reshape(scores, [R, H, T, T]), attend.mask_R1TT)
    mixed_RKME = matmul(reshape(softmax(masked), [R, K, G * T, T]), values)
  } else {
    const [pastKeys, pastValues] = [attend.keys[layer]!, attend.values[layer]!]
    const C = pastKeys.shape[2]!
    const past = add(matmul(query_RKME, pastKeys, { transposeB: true }), attend.mask_R11C)
    const weights = softmax(concat([past, scores], -1))
    mixed_RKME = add(matmul(slice(weights, -1, 0, C), pastValues), mul(slice(weights, -1, C, C + 1), values))
  }
  const mixed_ND = reshape(transpose(reshape(mixed_RKME, [R, K, G, T, E]), [0, 3, 1, 2, 4]), [R * T, H * E])
  return { output_ND: linear(mixed_ND, parameter('self_attn.o_proj.weight')), keys, values }
}
