/** The shape of a decoder, by architecture. `config-json.ts` reads and writes it as Hugging Face's `config.json`. */

/** Llama 3's frequency scaling: long wavelengths are stretched by `factor` (arXiv 2407.21783). */
export interface Llama3RopeScaling {
  type: 'llama3'
  factor: number
  lowFrequencyFactor: number
  highFrequencyFactor: number
  originalPositions: number
}

/** All wavelengths are stretched by `factor` (arXiv 2306.15595). */
export interface LinearRopeScaling {
  type: 'linear'
  factor: number
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

/** Grouped-query attention (arXiv 2305.13245), which all but DeepSeek-V3 have. */
export interface GroupedQueryShape extends DecoderShape {
  /** Fewer than `numHeads` share keys and values. */
  numKeyValueHeads: number
  headSize: number
  ropeScaling?: Llama3RopeScaling | LinearRopeScaling
}

export interface LlamaConfig extends GroupedQueryShape {
  architecture: 'llama' | 'qwen2'
  /** Biases on the query, key and value projections, as in Qwen2. */
  attentionBias: boolean
}

/** arXiv 2505.09388 */
export interface Qwen3Config extends GroupedQueryShape {
  architecture: 'qwen3'
}

/** The same with experts in its layers. */
export interface Qwen3MoeConfig extends GroupedQueryShape {
  architecture: 'qwen3_moe'
  /** Layers with one dense feed-forward part of `intermediateSize`. */
  denseLayers: readonly number[]
  experts: {
    /** num_experts and how many of them see a token. */
    routed: number
    perToken: number
    /** moe_intermediate_size */
    size: number
    /** Weights of a token's experts sum to 1. */
    normalized: boolean
  }
}

/** arXiv 2310.06825 */
export interface MistralConfig extends GroupedQueryShape {
  architecture: 'mistral'
  /** Tokens that a token sees, itself included; all without. */
  window?: number
}

export interface SmolLM3Config extends GroupedQueryShape {
  architecture: 'smollm3'
  /** Layers whose queries and keys are not rotated (arXiv 2501.18795). */
  layersWithoutRope: readonly number[]
}

/** arXiv 2503.19786 */
export interface Gemma3Config extends GroupedQueryShape {
  architecture: 'gemma3_text'
  /** Layers that see all tokens and turn by `ropeTheta`; the others are local. */
  globalLayers: readonly number[]
  /** Tokens that a token sees in local layers, itself included, and what these turn by. */
  window: number
  localRopeTheta: number
  /** Scores are divided by its square root (query_pre_attn_scalar). */
  queryScale: number
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

export type GroupedQueryConfig =
  | LlamaConfig
  | Qwen3Config
  | Qwen3MoeConfig
  | MistralConfig
  | SmolLM3Config
  | Gemma3Config
export type DecoderConfig = GroupedQueryConfig | DeepseekV3Config

/** Whether the model can predict the token after the next one (arXiv 2412.19437). */
export const hasPredictionModule = (config: DecoderConfig): config is DeepseekV3Config =>
  config.architecture === 'deepseek_v3' && config.numPredictionModules > 0

/** What stands on a decoder: scores of the next token, or one number a token. */
export type Head = 'tokens' | 'scalar'
