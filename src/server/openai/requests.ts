/** What may be asked of /v1/chat/completions and /v1/completions. What would change the meaning is refused, not ignored. */
import { z } from 'zod'
import { MAX_SLOTS } from '../../engine/onnx/lanes.ts'
import { ApiError } from './errors.ts'
import { invalidBody } from './invalid-body.ts'

const sampling = {
  model: z.string(),
  /** The report's settings (R1 §3). */
  temperature: z
    .number()
    .min(0)
    .max(2)
    .nullish()
    .transform((value) => value ?? 0.6),
  top_p: z
    .number()
    .min(0)
    .max(1)
    .nullish()
    .transform((value) => value ?? 0.95),
  /** As in vLLM; -1 and 0 keep all. */
  top_k: z
    .int()
    .min(-1)
    .nullish()
    .transform((value) => Math.max(0, value ?? 0)),
  n: z
    .int()
    .min(1)
    .max(MAX_SLOTS)
    .nullish()
    .transform((value) => value ?? 1),
  seed: z.int().nullish(),
  stop: z
    .union([z.string().min(1), z.array(z.string().min(1)).max(16)])
    .nullish()
    .transform((value) => (value == null ? [] : [value].flat())),
  /** vLLM's: only the model's own. */
  stop_token_ids: z
    .array(z.int())
    .nullish()
    .transform((value) => value ?? []),
  stream: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
  /** The second is vLLM's: the usage so far in every event. */
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
}

const length = z.int().min(1).nullish()
const text = z.union([
  z.string(),
  z
    .array(z.object({ type: z.literal('text'), text: z.string() }))
    .transform((parts) => parts.map((part) => part.text).join('')),
])

const NO_TOOLS = 'tools are not supported by this server'

export const chatRequest = z
  .object({
    ...sampling,
    messages: z
      .array(
        z.object({
          role: z.enum(['system', 'developer', 'user', 'assistant']),
          content: text.nullish().transform((value) => value ?? ''),
          tool_calls: z.array(z.unknown()).max(0, NO_TOOLS).nullish(),
          function_call: z.null(NO_TOOLS).optional(),
        }),
      )
      .min(1),
    max_tokens: length,
    max_completion_tokens: length,
    logprobs: z
      .boolean()
      .nullish()
      .transform((value) => value ?? false),
    top_logprobs: z
      .int()
      .min(0)
      .max(20)
      .nullish()
      .transform((value) => value ?? 0),
  })
  .refine(({ logprobs, top_logprobs }) => logprobs || top_logprobs === 0, {
    path: ['top_logprobs'],
    message: 'only with "logprobs": true',
  })
export type ChatRequest = z.output<typeof chatRequest>

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)
const tokens = z.array(z.int().min(0)).min(1)

export const completionRequest = z.object({
  ...sampling,
  prompt: z
    .union([z.string(), tokens, z.array(z.string()).min(1), z.array(tokens).min(1)])
    .transform((value): (string | number[])[] =>
      typeof value === 'string' || typeof value[0] === 'number'
        ? [value as string | number[]]
        : (value as (string | number[])[]),
    ),
  max_tokens: length,
  logprobs: z.int().min(0).max(20).nullish(),
  /** vLLM's: the stop token's id is among them. */
  return_token_ids: flag,
  return_tokens_as_token_ids: flag,
})
export type CompletionRequest = z.output<typeof completionRequest>

/** Fields of OpenAI's API and of vLLM's that this server cannot obey, with the values that ask for nothing. */
const UNSUPPORTED: Record<string, (value: unknown) => boolean> = {
  tools: isEmpty,
  functions: isEmpty,
  tool_choice: (value) => value === 'none' || value === 'auto',
  function_call: only('none'),
  response_format: (value) => (value as { type?: unknown }).type === 'text',
  logit_bias: isEmpty,
  presence_penalty: only(0),
  frequency_penalty: only(0),
  modalities: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
  audio: never,
  suffix: only(''),
  echo: only(false),
  best_of: only(1),
  repetition_penalty: only(1),
  length_penalty: only(1),
  min_p: only(0),
  min_tokens: only(0),
  ignore_eos: only(false),
  use_beam_search: only(false),
  include_stop_str_in_output: only(false),
  bad_words: isEmpty,
  allowed_token_ids: never,
  logits_processors: isEmpty,
  guided_json: never,
  guided_regex: never,
  guided_choice: never,
  guided_grammar: never,
  structured_outputs: never,
  prompt_logprobs: never,
  truncate_prompt_tokens: never,
  chat_template: never,
  chat_template_kwargs: isEmpty,
  documents: isEmpty,
  add_generation_prompt: only(true),
  continue_final_message: only(false),
}

function only(neutral: unknown) {
  return (value: unknown) => value === neutral
}

function never(): boolean {
  return false
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Throws a 400 that names the field, or 404 for a field's own reasons. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch (error) {
    throw new ApiError(400, `The body is not valid JSON: ${(error as Error).message}`)
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw invalidBody(parsed.error)
  for (const [param, asksNothing] of Object.entries(UNSUPPORTED)) {
    const value = (json as Record<string, unknown>)[param]
    if (value === undefined || value === null || asksNothing(value)) continue
    throw new ApiError(400, `${param} is not supported by this server.`, {
      param,
      code: 'unsupported_parameter',
    })
  }
  return parsed.data
}
