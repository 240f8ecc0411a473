/** The `config.json` of Qwen3, with and without experts. */
import { z } from 'zod'
import type { Qwen3Config, Qwen3MoeConfig } from './config.ts'
import { groupedQueryFields, groupedQueryShape, groupedQueryToHuggingFace } from './grouped-query-json.ts'
import { expertsField, parseConfig, sizeField } from './huggingface-config.ts'

export function qwen3FromHuggingFace(json: unknown, file: string): Qwen3Config {
  const { c, unsupported } = parseConfig(groupedQueryFields, json, file)
  return { ...groupedQueryShape({ ...c, head_dim: c.head_dim ?? 128 }, unsupported), architecture: 'qwen3' }
}

export const qwen3ToHuggingFace = (config: Qwen3Config): Record<string, unknown> => ({
  ...groupedQueryToHuggingFace('Qwen3', config),
  attention_bias: false,
  use_sliding_window: false,
})

const expertFields = {
  ...groupedQueryFields,
  // transformers 5 writes the second name.
  num_experts: expertsField.optional(),
  num_local_experts: expertsField.optional(),
  num_experts_per_tok: sizeField,
  moe_intermediate_size: sizeField,
  norm_topk_prob: z.boolean(),
  decoder_sparse_step: z.int().min(1).optional(),
  mlp_only_layers: z.array(z.int().min(0)).nullish(),
}

export function qwen3MoeFromHuggingFace(json: unknown, file: string): Qwen3MoeConfig {
  const { c, unsupported } = parseConfig(expertFields, json, file)
  const routed = c.num_experts ?? c.num_local_experts
  if (routed === undefined) throw unsupported('num_experts', routed, 'a number of experts')
  if (c.num_experts_per_tok > routed)
    throw unsupported('num_experts_per_tok', c.num_experts_per_tok, `at most the ${routed} experts`)
  const { decoder_sparse_step: step = 1, mlp_only_layers: dense } = c
  const shape = groupedQueryShape(c, unsupported)
  return {
    ...shape,
    architecture: 'qwen3_moe',
    denseLayers: Array.from({ length: shape.numLayers }, (_, layer) => layer).filter(
      (layer) => dense?.includes(layer) || (layer + 1) % step !== 0,
    ),
    experts: {
      routed,
      perToken: c.num_experts_per_tok,
      size: c.moe_intermediate_size,
      normalized: c.norm_topk_prob,
    },
  }
}

export const qwen3MoeToHuggingFace = (config: Qwen3MoeConfig): Record<string, unknown> => ({
  ...groupedQueryToHuggingFace('Qwen3Moe', config),
  num_experts: config.experts.routed,
  num_experts_per_tok: config.experts.perToken,
  moe_intermediate_size: config.experts.size,
  norm_topk_prob: config.experts.normalized,
  decoder_sparse_step: 1,
  mlp_only_layers: config.denseLayers,
  attention_bias: false,
  use_sliding_window: false,
})
