/**
 * The Tinker API's messages in JSON, as far as they are used here: what the client sends and reads, and what our server
 * reads and sends. Unknown fields are ignored both ways, since every server adds some of its own. Left out: images,
 * audio, two-dimensional targets, telemetry.
 */
import { z } from 'zod'

const count = z.int().min(0)

export const tensor = z.object({
  /** Flat; JSON has no NaN and no infinities. */
  data: z.array(z.number()),
  dtype: z.enum(['float32', 'int64']).optional(),
  shape: z.array(count).nullish(),
})
export type WireTensor = z.infer<typeof tensor>

export const modelInput = z.object({
  chunks: z.array(
    z.object({ type: z.literal('encoded_text').default('encoded_text'), tokens: z.array(count) }),
  ),
})
export type ModelInput = z.infer<typeof modelInput>

/**
 * All tensors have the length of the input: position i of it predicts `target_tokens[i]`, the next token. A sequence of
 * n tokens is thus an input of n - 1.
 */
export const datum = z.object({ model_input: modelInput, loss_fn_inputs: z.record(z.string(), tensor) })
export type WireDatum = z.infer<typeof datum>

export const forwardInput = z.object({
  data: z.array(datum).min(1),
  loss_fn: z.string(),
  loss_fn_config: z.record(z.string(), z.number()).nullish(),
})
export type ForwardInput = z.infer<typeof forwardInput>

export const adamParams = z.object({
  learning_rate: z.number().default(1e-4),
  beta1: z.number().default(0.9),
  beta2: z.number().default(0.95),
  eps: z.number().default(1e-12),
  weight_decay: z.number().default(0),
  grad_clip_norm: z.number().default(0),
})
export type AdamParams = z.infer<typeof adamParams>

export const samplingParams = z.object({
  max_tokens: z.int().min(1),
  temperature: z.number().min(0).default(1),
  top_p: z.number().min(0).max(1).default(1),
  /** -1 keeps all. */
  top_k: z.int().default(-1),
  seed: z.int().nullish(),
  stop: z.array(z.int()).nullish(),
})
export type SamplingParams = z.infer<typeof samplingParams>

/** What our own server says of itself beside its models; other servers send no such field. */
export const capabilityClaims = z.object({ server: z.literal('r1 serve-engine'), version: z.string() })

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
