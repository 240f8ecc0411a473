/** The shape of a decoder, read from and written to Hugging Face's `config.json` (paper.md §10). */
import { z } from 'zod'
import { CheckpointError } from '../errors.ts'
import { deepseekV3FromHuggingFace, deepseekV3ToHuggingFace } from './deepseek-v3-config.ts'
import { groupedQueryFromHuggingFace, groupedQueryToHuggingFace } from './llama-config.ts'

/** Llama 3's frequency scaling: long wavelengths are stretched by `factor` (paper.md §10.2). */
export interface Llama3RopeScaling {
  type: 'llama3'
  factor: number
  lowFrequencyFactor: number
  highFrequencyFactor: number
  originalPositions: number
}

/** YaRN (arXiv 2309.00071): waves of fewer than `betaSlow` turns are stretched, those of more than `betaFast` kept. */
export interface YarnRopeScaling {
  type: 'yarn'
  factor: number
  originalPositions: number
  betaFast: number
  betaSlow: number
  /** Temperatures of attention: see `yarnFactors`. */
  mscale?: number
  mscaleAllDim?: number
  attentionFactor?: number
}

/** What every decoder has. */
export interface DecoderShape {
  vocabularySize: number
  hiddenSize: number
  intermediateSize: number
  numLayers: number
  numHeads: number
  maxPositions: number
  rmsNormEpsilon: number
  ropeTheta: number
  /** The output head is the embedding matrix. */
  tieEmbeddings: boolean
}

/** Llama and Qwen2. */
export interface GroupedQueryConfig extends DecoderShape {
  architecture: 'llama' | 'qwen2'
  /** Fewer than `numHeads` is grouped-query attention (arXiv 2305.13245). */
  numKeyValueHeads: number
  headSize: number
  ropeScaling?: Llama3RopeScaling
  /** Biases on the query, key and value projections, as in Qwen2. */
  attentionBias: boolean
}

/** DeepSeek-V3 (arXiv 2412.19437, paper.md §10.1). */
export interface DeepseekV3Config extends DecoderShape {
  architecture: 'deepseek_v3'
  /** Size that queries pass through (q_lora_rank); undefined for one plain projection. */
  queryRank?: number
  /** Size of the latent that keys and values are made from (kv_lora_rank). */
  latentSize: number
  /** Part of a query or key head without positions (qk_nope_head_dim) and with them (qk_rope_head_dim). */
  plainHeadSize: number
  rotaryHeadSize: number
  valueHeadSize: number
  /** Rotary pairs are neighbours, (0, 1), (2, 3), …, and not halves. */
  interleavedRotary: boolean
  ropeScaling?: YarnRopeScaling
  /** The first layers have one dense feed-forward part of `intermediateSize` (first_k_dense_replace). */
  numDenseLayers: number
  experts: {
    /** n_routed_experts and how many of them see a token. */
    routed: number
    perToken: number
    /** Always on: as one feed-forward part of `shared` times `size`. */
    shared: number
    /** moe_intermediate_size */
    size: number
    /** Experts stand in groups, of which the best few are searched (n_group, topk_group). */
    groups: number
    groupsPerToken: number
    /** Weights of a token's experts sum to 1, before the factor. */
    normalized: boolean
    factor: number
  }
  /** Modules that predict the token after the next one (num_nextn_predict_layers): 0 or 1. */
  numPredictionModules: number
}

export type DecoderConfig = GroupedQueryConfig | DeepseekV3Config

/** Whether the model can predict the token after the next one (paper.md §10.1). */
export const hasPredictionModule = (config: DecoderConfig): config is DeepseekV3Config =>
  config.architecture === 'deepseek_v3' && config.numPredictionModules > 0

const modelTypeSchema = z.looseObject({ model_type: z.string() })

/** Reads a parsed `config.json`; `file` names it in errors. */
export function decoderConfigFromHuggingFace(json: unknown, file = 'config.json'): DecoderConfig {
  const parsed = modelTypeSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new CheckpointError(`${issue.message}.`, { field: `${file}: ${issue.path.join('.')}` })
  }
  const { model_type: type } = parsed.data
  if (type === 'llama' || type === 'qwen2') return groupedQueryFromHuggingFace(json, file)
  if (type === 'deepseek_v3') return deepseekV3FromHuggingFace(json, file)
  throw new CheckpointError('not supported.', {
    field: `${file}: model_type`,
    value: type,
    expected: 'llama, qwen2 or deepseek_v3',
  })
}

/** What stands on a decoder: scores of the next token, or one number a token. */
export type Head = 'tokens' | 'scalar'

/**
 * What transformers needs in `config.json` to open the checkpoint. A scalar head is a classifier of one label there,
 * `…ForSequenceClassification`.
 */
export function decoderConfigToHuggingFace(
  config: DecoderConfig,
  head: Head = 'tokens',
): Record<string, unknown> {
  const json =
    config.architecture === 'deepseek_v3'
      ? deepseekV3ToHuggingFace(config)
      : groupedQueryToHuggingFace(config)
  if (head === 'tokens') return json
  const architectures = (json.architectures as string[]).map((name) =>
    name.replace(/ForCausalLM$/, 'ForSequenceClassification'),
  )
  return { ...json, architectures, id2label: { 0: 'score' }, label2id: { score: 0 } }
}
