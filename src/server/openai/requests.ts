/** What may be asked of /v1/chat/completions and /v1/completions. What would change the meaning is refused, not ignored. */
import { z } from 'zod'
import { MAX_SLOTS } from '../../engine/embedded/lanes.ts'
import { LEAST_TEMPERATURE } from '../../engine/sampling.ts'
import { integers, listOf } from '../bounded-list.ts'
import { ApiError } from './errors.ts'
import { invalidBody } from './invalid-body.ts'

const INT32 = 2 ** 31 - 1
const MOST_MESSAGES = 10_000
const MOST_PARTS = 1000
const MOST_STOPS = 16
const stopText = z.string().min(1).max(1000)

/** 64 bits, with a sign or without. */
const seed = z
  .number()
  .min(-(2 ** 63))
  .max(2 ** 64)
  .refine(Number.isInteger, 'expected a whole number')
  .nullish()
  .transform((value): number | bigint | undefined => value ?? undefined)

const sampling = {
  model: z.string().max(1000),
  /** The paper's settings for evaluation (R1 §3). A temperature too small for float32 means 0. */
  temperature: z
    .number()
    .min(0)
    .max(2)
    .nullish()
    .transform((value) => value ?? 0.6)
    .transform((value) => (value < LEAST_TEMPERATURE ? 0 : value)),
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
    .max(INT32)
    .nullish()
    .transform((value) => Math.max(0, value ?? 0)),
  n: z
    .int()
    .min(1)
    .max(MAX_SLOTS)
    .nullish()
    .transform((value) => value ?? 1),
  seed,
  stop: z
    .union([stopText, listOf(stopText, { max: MOST_STOPS })])
    .nullish()
    .transform((value) => (value == null ? [] : [value].flat())),
  /** vLLM's: only the model's own. */
  stop_token_ids: integers(0, INT32, { max: 1000 })
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
  listOf(z.object({ type: z.literal('text'), text: z.string() }), { max: MOST_PARTS }).transform((parts) =>
    parts.map((part) => part.text).join(''),
  ),
])

const NO_TOOLS = 'tools are not supported by this server'

export const chatRequest = z
  .object({
    ...sampling,
    messages: listOf(
      z.object({
        role: z.enum(['system', 'developer', 'user', 'assistant']),
        content: text.nullish().transform((value) => value ?? ''),
        tool_calls: z.custom(isEmpty, NO_TOOLS).nullish(),
        function_call: z.null(NO_TOOLS).optional(),
      }),
      { min: 1, max: MOST_MESSAGES },
    ),
    max_tokens: length,
    max_completion_tokens: length,
    /** SGLang's: false leaves the thinking where the model wrote it, in the text and with its tags. */
    separate_reasoning: z.boolean().nullish(),
    /** vLLM's: variables of the model's chat template, such as `enable_thinking`. */
    chat_template_kwargs: z
      .record(z.string().max(100), z.union([z.boolean(), z.number(), z.string().max(1000)]))
      .refine((given) => Object.keys(given).length <= 20, 'at most 20')
      .nullish(),
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
const MOST_TOKENS = 1_000_000
const tokens = integers(0, INT32, { min: 1, max: MOST_TOKENS })

export const completionRequest = z.object({
  ...sampling,
  prompt: z
    .union([
      z.string(),
      listOf(tokens, { min: 1, max: MAX_SLOTS }),
      tokens,
      listOf(z.string(), { min: 1, max: MAX_SLOTS }),
    ])
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
  if (typeof value !== 'object' || value === null) return false
  for (const _ in value) return false
  return true
}

export interface Seeded {
  model: string
  seed: number | bigint | undefined
}

/** Throws a 400 that names the field. */
export function parseRequest<Schema extends z.ZodType<Seeded>>(
  schema: Schema,
  body: string,
): z.output<Schema> {
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
  const { seed } = parsed.data
  return seed === undefined ? parsed.data : { ...parsed.data, seed: exact(Number(seed), body) }
}

/** JSON numbers are doubles here, which have 53 bits: the digits of a longer seed are read from the body. */
function exact(seed: number, body: string): number | bigint {
  if (Number.isSafeInteger(seed)) return seed
  // A quote within a string has a backslash before it, so this is a key.
  for (const [, digits] of body.matchAll(/"seed"\s{0,9}:\s{0,9}(-?\d{1,20})(?![\d.eE])/g))
    if (Number(digits) === seed) return BigInt(digits!)
  return seed
}
