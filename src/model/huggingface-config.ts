/** The fields of `config.json` that every architecture has, and how its mistakes are told. */
import { z } from 'zod'
import { LIMITS } from '../disk/limits.ts'
import { CheckpointError } from '../errors.ts'

export const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().optional(),
  factor: z.number().optional(),
  low_freq_factor: z.number().optional(),
  high_freq_factor: z.number().optional(),
  original_max_position_embeddings: z.int().optional(),
  beta_fast: z.number().optional(),
  beta_slow: z.number().optional(),
  mscale: z.number().optional(),
  mscale_all_dim: z.number().optional(),
  attention_factor: z.number().nullish(),
})
export type RopeJson = z.infer<typeof ropeSchema>

const atMost = (most: number) => z.int().positive().max(most)
export const sizeField = atMost(LIMITS.size)
export const expertsField = atMost(LIMITS.experts)

export const decoderFields = {
  model_type: z.string(),
  vocab_size: sizeField,
  hidden_size: sizeField,
  intermediate_size: sizeField,
  num_hidden_layers: atMost(LIMITS.layers),
  num_attention_heads: sizeField,
  num_key_value_heads: sizeField.optional(),
  max_position_embeddings: sizeField,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  attention_bias: z.boolean().optional(),
  hidden_act: z.string().optional(),
  tie_word_embeddings: z.boolean().optional(),
}

/** Makes the error of a field whose value this package cannot run. */
export type Unsupported = (field: string, value: unknown, expected: string) => Error

export function parseConfig<Fields extends z.ZodRawShape>(
  fields: Fields,
  json: unknown,
  file: string,
): { c: z.infer<z.ZodObject<Fields>>; unsupported: Unsupported } {
  const parsed = z.looseObject(fields).safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new CheckpointError(`${issue.message}.`, { field: `${file}: ${issue.path.join('.')}` })
  }
  const unsupported: Unsupported = (field, value, expected) =>
    new CheckpointError('not supported.', { field: `${file}: ${field}`, value, expected })
  return { c: parsed.data as z.infer<z.ZodObject<Fields>>, unsupported }
}

/** `rope_parameters` is what transformers 5 writes, the other two are what published checkpoints say. */
export function ropeOf(c: {
  rope_theta?: number | undefined
  rope_scaling?: RopeJson | null | undefined
  rope_parameters?: RopeJson | null | undefined
}): { theta: number; scaling: (RopeJson & { kind: string }) | undefined } {
  const rope = c.rope_parameters ?? c.rope_scaling
  const kind = rope?.rope_type ?? rope?.type ?? 'default'
  return {
    theta: c.rope_theta ?? rope?.rope_theta ?? 10_000,
    scaling: rope == null || kind === 'default' ? undefined : { ...rope, kind },
  }
}
