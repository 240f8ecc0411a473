/** What the `config.json` of all architectures with grouped-query attention has. */
import { z } from 'zod'
import type { GroupedQueryShape } from './config.ts'
import { decoderFields, type RopeJson, ropeOf, sizeField, type Unsupported } from './huggingface-config.ts'

export const groupedQueryFields = {
  ...decoderFields,
  head_dim: sizeField.nullish(),
  mlp_bias: z.boolean().optional(),
  use_sliding_window: z.boolean().optional(),
}
type Fields = z.infer<z.ZodObject<typeof groupedQueryFields>>

export function groupedQueryShape(c: Fields, unsupported: Unsupported): GroupedQueryShape {
  if (c.hidden_act !== undefined && c.hidden_act !== 'silu')
    throw unsupported('hidden_act', c.hidden_act, 'silu')
  if (c.mlp_bias) throw unsupported('mlp_bias', true, 'false')
  if (c.attention_bias) throw unsupported('attention_bias', true, 'false')
  if (c.use_sliding_window) throw unsupported('use_sliding_window', true, 'false')
  const heads = c.num_attention_heads
  if (c.head_dim == null && c.hidden_size % heads !== 0)
    throw unsupported('num_attention_heads', heads, `a divisor of hidden_size ${c.hidden_size}`)
  if (c.num_key_value_heads !== undefined && heads % c.num_key_value_heads !== 0)
    throw unsupported('num_key_value_heads', c.num_key_value_heads, `a divisor of the ${heads} heads`)
  const headSize = c.head_dim ?? c.hidden_size / heads
  if (headSize % 2 !== 0) throw unsupported('head_dim', headSize, 'an even number')
  const { theta, scaling } = ropeOf(c)
  return {
    vocabularySize: c.vocab_size,
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    numLayers: c.num_hidden_layers,
    numHeads: heads,
    numKeyValueHeads: c.num_key_value_heads ?? heads,
    headSize,
    maxPositions: c.max_position_embeddings,
    rmsNormEpsilon: c.rms_norm_eps,
    ropeTheta: theta,
    ...(scaling === undefined ? {} : { ropeScaling: scalingOf(scaling, unsupported) }),
    tieEmbeddings: c.tie_word_embeddings ?? false,
  }
}

function scalingOf(
  rope: RopeJson & { kind: string },
  unsupported: Unsupported,
): NonNullable<GroupedQueryShape['ropeScaling']> {
  if (rope.kind === 'linear') return { type: 'linear', factor: rope.factor ?? 1 }
  if (rope.kind !== 'llama3')
    throw unsupported('rope_scaling.rope_type', rope.kind, 'llama3, linear or default')
  return {
    type: 'llama3',
    factor: rope.factor ?? 8,
    lowFrequencyFactor: rope.low_freq_factor ?? 1,
    highFrequencyFactor: rope.high_freq_factor ?? 4,
    originalPositions: rope.original_max_position_embeddings ?? 8192,
  }
}

/** `model` is its class in transformers without `ForCausalLM`. */
export function groupedQueryToHuggingFace(
  model: string,
  config: GroupedQueryShape & { architecture: string },
): Record<string, unknown> {
  return {
    architectures: [`${model}ForCausalLM`],
    model_type: config.architecture,
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numKeyValueHeads,
    head_dim: config.headSize,
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.rmsNormEpsilon,
    rope_theta: config.ropeTheta,
    ...(config.ropeScaling === undefined ? {} : { rope_scaling: scalingToHuggingFace(config.ropeScaling) }),
    hidden_act: 'silu',
    tie_word_embeddings: config.tieEmbeddings,
  }
}

const scalingToHuggingFace = (scaling: NonNullable<GroupedQueryShape['ropeScaling']>) =>
  scaling.type === 'linear'
    ? { rope_type: 'linear', factor: scaling.factor }
    : {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalPositions,
      }
