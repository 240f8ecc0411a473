/** The `config.json` of Gemma 3's text model. */
import { z } from 'zod'
import type { Gemma3Config } from './config.ts'
import { groupedQueryFields, groupedQueryShape, groupedQueryToHuggingFace } from './grouped-query-json.ts'
import { parseConfig, ropeSchema, sizeField } from './huggingface-config.ts'

const LOCAL = 'sliding_attention'
const GLOBAL = 'full_attention'

const fields = {
  ...groupedQueryFields,
  hidden_activation: z.string().optional(),
  query_pre_attn_scalar: z.number().positive().optional(),
  sliding_window: sizeField,
  layer_types: z.array(z.enum([LOCAL, GLOBAL])).nullish(),
  sliding_window_pattern: sizeField.optional(),
  rope_local_base_freq: z.number().positive().optional(),
  attn_logit_softcapping: z.number().nullish(),
  final_logit_softcapping: z.number().nullish(),
  use_bidirectional_attention: z.boolean().nullish(),
  /** transformers 5 has one of these for each kind of layer. */
  rope_parameters: z.looseObject({ [LOCAL]: ropeSchema.nullish(), [GLOBAL]: ropeSchema.nullish() }).nullish(),
}

export function gemma3FromHuggingFace(json: unknown, file: string): Gemma3Config {
  const { c, unsupported } = parseConfig(fields, json, file)
  if (c.hidden_activation !== undefined && c.hidden_activation !== 'gelu_pytorch_tanh')
    throw unsupported('hidden_activation', c.hidden_activation, 'gelu_pytorch_tanh')
  for (const field of ['attn_logit_softcapping', 'final_logit_softcapping'] as const)
    if (c[field] != null) throw unsupported(field, c[field], 'null, as Gemma 3 has it')
  if (c.use_bidirectional_attention) throw unsupported('use_bidirectional_attention', true, 'false')
  const { [LOCAL]: local, [GLOBAL]: global } = c.rope_parameters ?? {}
  const shape = groupedQueryShape(
    {
      ...c,
      hidden_act: undefined,
      head_dim: c.head_dim ?? 256,
      rope_theta: c.rope_theta ?? global?.rope_theta ?? 1_000_000,
      rope_parameters: global,
    },
    unsupported,
  )
  const { numLayers, headSize } = shape
  const pattern = c.sliding_window_pattern ?? 6
  const isGlobal = (layer: number) =>
    c.layer_types == null ? (layer + 1) % pattern === 0 : c.layer_types[layer] === GLOBAL
  return {
    ...shape,
    // transformers ties them where the file says nothing.
    tieEmbeddings: c.tie_word_embeddings ?? true,
    architecture: 'gemma3_text',
    globalLayers: Array.from({ length: numLayers }, (_, layer) => layer).filter(isGlobal),
    window: c.sliding_window,
    localRopeTheta: c.rope_local_base_freq ?? local?.rope_theta ?? 10_000,
    queryScale: c.query_pre_attn_scalar ?? headSize,
  }
}

export function gemma3ToHuggingFace(config: Gemma3Config): Record<string, unknown> {
  const { hidden_act: _, ...json } = groupedQueryToHuggingFace('Gemma3', config)
  return {
    ...json,
    rope_local_base_freq: config.localRopeTheta,
    query_pre_attn_scalar: config.queryScale,
    sliding_window: config.window,
    layer_types: Array.from({ length: config.numLayers }, (_, layer) =>
      config.globalLayers.includes(layer) ? GLOBAL : LOCAL,
    ),
    hidden_activation: 'gelu_pytorch_tanh',
    attn_logit_softcapping: null,
    final_logit_softcapping: null,
    attention_bias: false,
  }
}
