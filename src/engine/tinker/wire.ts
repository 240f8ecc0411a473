/**
 * The Tinker API's messages in JSON, as far as they are used here: what the client sends and reads, and what our server
 * reads and sends. Unknown fields are ignored both ways, since every server adds some of its own. Left out: images,
 * audio, two-dimensional targets, telemetry.
 */
import { z } from 'zod'

const count = z.int().min(0)

const tensor = z.object({
  /** Flat; JSON has no NaN and no infinities. */
  data: z.array(z.number()),
  dtype: z.enum(['float32', 'int64']).optional(),
  shape: z.array(count).nullish(),
})
export type WireTensor = z.infer<typeof tensor>

export interface ModelInput {
  chunks: { type: 'encoded_text'; tokens: number[] }[]
}

/**
 * All tensors have the length of the input: position i of it predicts `target_tokens[i]`, the next token. A sequence of
 * n tokens is thus an input of n - 1.
 */
export interface WireDatum {
  model_input: ModelInput
  loss_fn_inputs: Readonly<Record<string, WireTensor | undefined>>
}

export interface ForwardInput {
  data: WireDatum[]
  loss_fn: string
  loss_fn_config?: Record<string, number> | null | undefined
}

export interface AdamParams {
  learning_rate: number
  beta1: number
  beta2: number
  eps: number
  weight_decay: number
  grad_clip_norm: number
}

export interface SamplingParams {
  max_tokens: number
  temperature: number
  top_p: number
  /** -1 keeps all. */
  top_k: number
  seed?: number | null | undefined
  stop?: number[] | null | undefined
}

/** What our own server says of itself beside its models; other servers send no such field. */
const capabilityClaims = z.object({ server: z.literal('r1 serve-engine'), version: z.string() })

export const serverCapabilities = z.object({
  supported_models: z
    .array(z.object({ model_name: z.string().nullish(), max_context_length: count.nullish() }))
    .default([]),
  capabilities: capabilityClaims.optional(),
})

export const sessionCreated = z.object({ session_id: z.string() })
/** What every call that takes time answers at once. */
export const futureStub = z.object({ request_id: z.coerce.string() })
export const notReady = z.object({ type: z.literal('try_again') })
export const failedFuture = z.object({ error: z.string(), category: z.string().nullish() })

export const modelCreated = z.object({ model_id: z.string() })
export const forwardResult = z.object({
  loss_fn_outputs: z.array(z.record(z.string(), tensor)),
  metrics: z.record(z.string(), z.number().nullable()).nullish(),
})
export const optimResult = z
  .object({ metrics: z.record(z.string(), z.number().nullable()).nullish() })
  .nullable()
export const saved = z.object({ path: z.string() })
export const published = z.object({ path: z.string().nullish(), sampling_session_id: z.string().nullish() })
export const samplingSession = z.object({ sampling_session_id: z.string() })
export const sampleResult = z.object({
  sequences: z.array(
    z.object({ stop_reason: z.string(), tokens: z.array(z.int()), logprobs: z.array(z.number()).nullish() }),
  ),
  prompt_logprobs: z.array(z.number().nullable()).nullish(),
})
export const checkpointList = z.object({
  checkpoints: z.array(
    z.object({ checkpoint_id: z.string(), checkpoint_type: z.string(), tinker_path: z.string().nullish() }),
  ),
})
/** Servers that keep files elsewhere answer with their address. */
export const fileElsewhere = z.object({ url: z.string() })
export const anything = z.unknown()
