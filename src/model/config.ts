/** The shape of a decoder, by architecture. `config-json.ts` reads and writes it as Hugging Face's `config.json`. */

/** Llama 3's frequency scaling: long wavelengths are stretched by `factor` (arXiv 2407.21783). */
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

/** DeepSeek-V3 (arXiv 2412.19437). */
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

/** Whether the model can predict the token after the next one (arXiv 2412.19437). */
export const hasPredictionModule = (config: DecoderConfig): config is DeepseekV3Config =>
  config.architecture === 'deepseek_v3' && config.numPredictionModules > 0

/** What stands on a decoder: scores of the next token, or one number a token. */
export type Head = 'tokens' | 'scalar'
