/** The shape of a decoder, read from and written to Hugging Face's `config.json` (paper.md §10.2). */
import { z } from 'zod'
import { CheckpointError } from '../errors.ts'

/** Llama 3's frequency scaling: long wavelengths are stretched by `factor` (paper.md §10.2). */
export interface Llama3RopeScaling {
  type: 'llama3'
  factor: number
  lowFrequencyFactor: number
  highFrequencyFactor: number
  originalPositions: number
}

export interface DecoderConfig {
  architecture: 'llama' | 'qwen2'
  vocabularySize: number
  hiddenSize: number
  intermediateSize: number
  numLayers: number
  numHeads: number
  /** Fewer than `numHeads` is grouped-query attention (arXiv 2305.13245). */
  numKeyValueHeads: number
  headSize: number
  maxPositions: number
  rmsNormEpsilon: number
  ropeTheta: number
  ropeScaling?: Llama3RopeScaling
  /** Biases on the query, key and value projections, as in Qwen2. */
  attentionBias: boolean
  /** The output head is the embedding matrix. */
  tieEmbeddings: boolean
}

const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().optional(),
  factor: z.number().optional(),
  low_freq_factor: z.number().optional(),
  high_freq_factor: z.number().optional(),
  original_max_position_embeddings: z.int().optional(),
})

const configSchema = z.looseObject({
  model_type: z.string(),
  vocab_size: z.int().positive(),
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().optional(),
  head_dim: z.int().positive().nullish(),
  max_position_embeddings: z.int().positive(),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  attention_bias: z.boolean().optional(),
  mlp_bias: z.boolean().optional(),
  hidden_act: z.string().optional(),
  use_sliding_window: z.boolean().optional(),
  tie_word_embeddings: z.boolean().optional(),
})

/** Reads a parsed `config.json`; `file` names it in errors. */
export function decoderConfigFromHuggingFace(json: unknown, file = 'config.json'): DecoderConfig {
  const parsed = configSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new CheckpointError(`${issue.message}.`, { field: `${file}: ${issue.path.join('.')}` })
  }
  const c = parsed.data
  const unsupported = (field: string, value: unknown, expected: string) =>
    new CheckpointError('not supported.', { field: `${file}: ${field}`, value, expected })
  if (c.model_type !== 'llama' && c.model_type !== 'qwen2')
    throw unsupported('model_type', c.model_type, 'llama or qwen2')
  if (c.hidden_act !== undefined && c.hidden_act !== 'silu')
    throw unsupported('hidden_act', c.hidden_act, 'silu')
  if (c.mlp_bias) throw unsupported('mlp_bias', true, 'false')
  if (c.model_type === 'llama' && c.attention_bias) throw unsupported('attention_bias', true, 'false')
  if (c.use_sliding_window) throw unsupported('use_sliding_window', true, 'false')
  const heads = c.num_attention_heads
  if (c.head_dim == null && c.hidden_size % heads !== 0)
    throw unsupported('num_attention_heads', heads, `a divisor of hidden_size ${c.hidden_size}`)
  if (c.num_key_value_heads !== undefined && heads % c.num_key_value_heads !== 0)
    throw unsupported('num_key_value_heads', c.num_key_value_heads, `a divisor of the ${heads} heads`)
  const headSize = c.head_dim ?? c.hidden_size / heads
  if (headSize % 2 !== 0) throw unsupported('head_dim', headSize, 'an even number')
  const rope = c.rope_parameters ?? c.rope_scaling
  const ropeScaling = ropeScalingOf(rope ?? undefined, unsupported)
  return {
    architecture: c.model_type,
    vocabularySize: c.vocab_size,
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    numLayers: c.num_hidden_layers,
    numHeads: heads,
    numKeyValueHeads: c.num_key_value_heads ?? heads,
    headSize,
    maxPositions: c.max_position_embeddings,
    rmsNormEpsilon: c.rms_norm_eps,
    ropeTheta: c.rope_theta ?? rope?.rope_theta ?? 10_000,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
    attentionBias: c.model_type === 'qwen2',
    tieEmbeddings: c.tie_word_embeddings ?? false,
  }
}

function ropeScalingOf(
  rope: z.infer<typeof ropeSchema> | undefined,
  unsupported: (field: string, value: unknown, expected: string) => Error,
): Llama3RopeScaling | undefined {
  const type = rope?.rope_type ?? rope?.type
  if (rope === undefined || type === undefined || type === 'default') return undefined
  if (type !== 'llama3') throw unsupported('rope_scaling.rope_type', type, 'llama3 or default')
  return {
    type: 'llama3',
    factor: rope.factor ?? 8,
    lowFrequencyFactor: rope.low_freq_factor ?? 1,
    highFrequencyFactor: rope.high_freq_factor ?? 4,
    originalPositions: rope.original_max_position_embeddings ?? 8192,
  }
}

/** What transformers needs in `config.json` to open the checkpoint. */
export function decoderConfigToHuggingFace(config: DecoderConfig): Record<string, unknown> {
  const scaling = config.ropeScaling
  return {
    architectures: [config.architecture === 'llama' ? 'LlamaForCausalLM' : 'Qwen2ForCausalLM'],
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
    ...(scaling === undefined
      ? {}
      : {
          rope_scaling: {
            rope_type: 'llama3',
            factor: scaling.factor,
            low_freq_factor: scaling.lowFrequencyFactor,
            high_freq_factor: scaling.highFrequencyFactor,
            original_max_position_embeddings: scaling.originalPositions,
          },
        }),
    hidden_act: 'silu',
    tie_word_embeddings: config.tieEmbeddings,
  }
}
