/** The `config.json` of DeepSeek-V3 and R1 (arXiv 2412.19437). */
import { z } from 'zod'
import type { DeepseekV3Config, YarnRopeScaling } from './config.ts'
import {
  decoderFields,
  expertsField,
  parseConfig,
  type RopeJson,
  ropeOf,
  sizeField,
  type Unsupported,
} from './huggingface-config.ts'

const fields = {
  ...decoderFields,
  q_lora_rank: sizeField.nullish(),
  kv_lora_rank: sizeField,
  qk_nope_head_dim: sizeField,
  qk_rope_head_dim: sizeField,
  v_head_dim: sizeField,
  rope_interleave: z.boolean().optional(),
  first_k_dense_replace: z.int().min(0),
  moe_layer_freq: z.int().optional(),
  n_routed_experts: expertsField,
  n_shared_experts: sizeField,
  num_experts_per_tok: sizeField,
  moe_intermediate_size: sizeField,
  n_group: sizeField,
  topk_group: sizeField,
  norm_topk_prob: z.boolean(),
  routed_scaling_factor: z.number().positive(),
  scoring_func: z.string().optional(),
  topk_method: z.string().optional(),
  num_nextn_predict_layers: z.int().min(0).optional(),
}

export function deepseekV3FromHuggingFace(json: unknown, file: string): DeepseekV3Config {
  const { c, unsupported } = parseConfig(fields, json, file)
  const only = (field: keyof typeof c, expected: unknown) => {
    if (c[field] !== undefined && c[field] !== expected)
      throw unsupported(String(field), c[field], String(expected))
  }
  only('hidden_act', 'silu')
  only('attention_bias', false)
  only('scoring_func', 'sigmoid')
  only('topk_method', 'noaux_tc')
  only('moe_layer_freq', 1)
  if (c.qk_rope_head_dim % 2 !== 0)
    throw unsupported('qk_rope_head_dim', c.qk_rope_head_dim, 'an even number')
  const { n_routed_experts: routed, n_group: groups, topk_group: kept, num_experts_per_tok: perToken } = c
  if (routed % groups !== 0 || routed / groups < 2)
    throw unsupported('n_group', groups, `a divisor of n_routed_experts ${routed} with two experts a group`)
  if (kept > groups) throw unsupported('topk_group', kept, `at most n_group ${groups}`)
  if (perToken > (kept * routed) / groups)
    throw unsupported(
      'num_experts_per_tok',
      perToken,
      `at most the ${(kept * routed) / groups} of ${kept} groups`,
    )
  if ((c.num_nextn_predict_layers ?? 0) > 1)
    throw unsupported('num_nextn_predict_layers', c.num_nextn_predict_layers, '0 or 1')
  const { theta, scaling } = ropeOf(c)
  return {
    architecture: 'deepseek_v3',
    vocabularySize: c.vocab_size,
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    numLayers: c.num_hidden_layers,
    numHeads: c.num_attention_heads,
    ...(c.q_lora_rank == null ? {} : { queryRank: c.q_lora_rank }),
    latentSize: c.kv_lora_rank,
    plainHeadSize: c.qk_nope_head_dim,
    rotaryHeadSize: c.qk_rope_head_dim,
    valueHeadSize: c.v_head_dim,
    interleavedRotary: c.rope_interleave ?? true,
    maxPositions: c.max_position_embeddings,
    rmsNormEpsilon: c.rms_norm_eps,
    ropeTheta: theta,
    ...(scaling === undefined
      ? {}
      : { ropeScaling: yarnScaling(scaling, c.max_position_embeddings, unsupported) }),
    numDenseLayers: c.first_k_dense_replace,
    experts: {
      routed,
      perToken,
      shared: c.n_shared_experts,
      size: c.moe_intermediate_size,
      groups,
      groupsPerToken: kept,
      normalized: c.norm_topk_prob,
      factor: c.routed_scaling_factor,
    },
    numPredictionModules: c.num_nextn_predict_layers ?? 0,
    tieEmbeddings: c.tie_word_embeddings ?? false,
  }
}

function yarnScaling(
  rope: RopeJson & { kind: string },
  maxPositions: number,
  unsupported: Unsupported,
): YarnRopeScaling {
  if (rope.kind !== 'yarn') throw unsupported('rope_scaling.rope_type', rope.kind, 'yarn or default')
  const originalPositions = rope.original_max_position_embeddings
  if (originalPositions === undefined)
    throw unsupported('rope_scaling.original_max_position_embeddings', undefined, 'a number of positions')
  return {
    type: 'yarn',
    factor: rope.factor ?? maxPositions / originalPositions,
    originalPositions,
    betaFast: rope.beta_fast || 32,
    betaSlow: rope.beta_slow || 1,
    ...(rope.mscale === undefined ? {} : { mscale: rope.mscale }),
    ...(rope.mscale_all_dim === undefined ? {} : { mscaleAllDim: rope.mscale_all_dim }),
    ...(rope.attention_factor == null ? {} : { attentionFactor: rope.attention_factor }),
  }
}

export function deepseekV3ToHuggingFace(config: DeepseekV3Config): Record<string, unknown> {
  const { experts, ropeScaling: yarn } = config
  return {
    architectures: ['DeepseekV3ForCausalLM'],
    model_type: 'deepseek_v3',
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numHeads,
    q_lora_rank: config.queryRank ?? null,
    kv_lora_rank: config.latentSize,
    qk_nope_head_dim: config.plainHeadSize,
    qk_rope_head_dim: config.rotaryHeadSize,
    v_head_dim: config.valueHeadSize,
    rope_interleave: config.interleavedRotary,
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.rmsNormEpsilon,
    rope_theta: config.ropeTheta,
    rope_scaling:
      yarn === undefined
        ? null
        : {
            type: 'yarn',
            rope_type: 'yarn',
            factor: yarn.factor,
            original_max_position_embeddings: yarn.originalPositions,
            beta_fast: yarn.betaFast,
            beta_slow: yarn.betaSlow,
            ...(yarn.mscale === undefined ? {} : { mscale: yarn.mscale }),
            ...(yarn.mscaleAllDim === undefined ? {} : { mscale_all_dim: yarn.mscaleAllDim }),
            ...(yarn.attentionFactor === undefined ? {} : { attention_factor: yarn.attentionFactor }),
          },
    first_k_dense_replace: config.numDenseLayers,
    moe_layer_freq: 1,
    n_routed_experts: experts.routed,
    n_shared_experts: experts.shared,
    num_experts_per_tok: experts.perToken,
    moe_intermediate_size: experts.size,
    n_group: experts.groups,
    topk_group: experts.groupsPerToken,
    norm_topk_prob: experts.normalized,
    routed_scaling_factor: experts.factor,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    num_nextn_predict_layers: config.numPredictionModules,
    hidden_act: 'silu',
    attention_bias: false,
    tie_word_embeddings: config.tieEmbeddings,
  }
}
