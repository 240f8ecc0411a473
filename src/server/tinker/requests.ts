/**
 * What may be asked of the Tinker API's paths: every number and every list has its bounds here. Unknown fields are
 * ignored, since every client sends some of its own. Left out: images, sparse and two-dimensional tensors, stop strings.
 */
import { z } from 'zod'
import { LEAST_TEMPERATURE } from '../../engine/sampling.ts'
import { integers, listOf, reals } from '../bounded-list.ts'
import { WireError } from './wire-error.ts'

export interface WireModel {
  vocabularySize: number
  maxPositions: number
}

const INT32 = 2 ** 31 - 1
const MOST_DATUMS = 4096
const MOST_SAMPLES = 4096
/** Of all responses to one request: about 100 MB of JSON. */
const MOST_SAMPLED_TOKENS = 2 ** 22
const LARGEST = 1e30

const text = z.string().max(1000)
const index = z.int().min(0).max(INT32)
const share = z.number().min(0).lt(1)
const amount = z.number().min(0).max(LARGEST)
/** 64 bits; beyond 53 the nearest double counts. */
const seed = z
  .number()
  .min(-(2 ** 63))
  .max(2 ** 64)
  .refine(Number.isInteger, 'expected a whole number')
  .nullish()

const ofModel = z.object({ model_id: text, seq_id: index.nullish() })
/** Of a model that is to be created. */
const ofSession = z.object({ session_id: text, model_seq_id: index })
const weights = z.object({ path: text, optimizer: z.boolean().default(true) })

const adamParams = z.object({
  learning_rate: amount.default(1e-4),
  beta1: share.default(0.9),
  beta2: share.default(0.95),
  /** 0 would divide 0 by 0 where a gradient is 0. */
  eps: z.number().min(1e-30).max(LARGEST).default(1e-12),
  weight_decay: amount.default(0),
  grad_clip_norm: amount.default(0),
})

export function wireRequests({ vocabularySize, maxPositions }: WireModel) {
  const tokens = integers(0, vocabularySize - 1, { max: maxPositions })
  const chunk = z.object({ type: z.literal('encoded_text').default('encoded_text'), tokens })
  const modelInput = z
    .object({ chunks: listOf(chunk, { min: 1, max: 1000 }) })
    .refine(
      ({ chunks }) => chunks.reduce((sum, { tokens }) => sum + tokens.length, 0) <= maxPositions,
      `expected at most ${maxPositions} tokens`,
    )
  const floats = z.object({ data: reals(-LARGEST, LARGEST, { max: maxPositions }) }).optional()
  const datum = z.object({
    model_input: modelInput,
    loss_fn_inputs: z.object({
      target_tokens: z.object({ data: tokens }),
      ...{ weights: floats, logprobs: floats, advantages: floats },
    }),
  })
  const forwardInput = z.object({
    data: listOf(datum, { min: 1, max: MOST_DATUMS }),
    loss_fn: text,
    loss_fn_config: z
      .record(text, z.number())
      .refine((config) => Object.keys(config).length <= 100, 'expected at most 100 settings')
      .nullish(),
  })
  const samplingParams = z.object({
    max_tokens: z.int().min(1).max(maxPositions),
    temperature: z
      .number()
      .min(0)
      .max(1000)
      .default(1)
      .transform((value) => (value < LEAST_TEMPERATURE ? 0 : value)),
    top_p: z.number().min(0).max(1).default(1),
    /** -1 keeps all. */
    top_k: z.int().min(-1).max(INT32).default(-1),
    seed,
    stop: integers(0, INT32, { max: 1000 }).nullish(),
  })
  return {
    forwardInput,
    createSession: z.object({ tags: listOf(text, { max: 100 }), sdk_version: text }),
    heartbeat: z.object({ session_id: text }),
    createModel: ofSession.extend({
      base_model: text,
      lora_config: z.object({ rank: z.int().min(0).max(1024), seed }).nullish(),
    }),
    ofModel,
    forward: ofModel.extend({ forward_input: forwardInput }),
    forwardBackward: ofModel.extend({ forward_backward_input: forwardInput }),
    optimStep: ofModel.extend({ adam_params: adamParams.prefault({}) }),
    saveWeights: ofModel.extend({ path: text }),
    saveForSampler: ofModel.extend({ path: text.nullish(), sampling_session_seq_id: index.nullish() }),
    loadWeights: z.union([ofModel.extend(weights.shape), ofSession.extend(weights.shape)]),
    openSampler: z.object({ session_id: text, base_model: text.nullish(), model_path: text.nullish() }),
    sample: z
      .object({
        sampling_session_id: text.nullish(),
        base_model: text.nullish(),
        model_path: text.nullish(),
        prompt: modelInput,
        num_samples: z.int().min(1).max(MOST_SAMPLES).default(1),
        sampling_params: samplingParams,
        prompt_logprobs: z.boolean().nullish(),
        topk_prompt_logprobs: index.default(0),
      })
      .refine(
        ({ num_samples, sampling_params }) => num_samples * sampling_params.max_tokens <= MOST_SAMPLED_TOKENS,
        { path: ['num_samples'], message: `expected at most ${MOST_SAMPLED_TOKENS} tokens of all samples` },
      ),
    retrieve: z.object({ request_id: z.union([text, index]).transform(String) }),
    page: z.object({
      limit: z.coerce.number().int().min(0).max(1000).default(20),
      offset: z.coerce.number().int().min(0).default(0),
    }),
    weightsInfo: z.object({ tinker_path: text }),
  }
}

/** The body, or 422 with FastAPI's list of what is wrong with it. */
export function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body)
  if (error === undefined) return data
  throw new InvalidBody(error)
}

export class InvalidBody extends WireError {
  readonly detail: object[]
  constructor({ issues }: z.ZodError) {
    super(422, 'invalid body')
    this.detail = issues.map(({ path, message, code }) => ({
      loc: ['body', ...path],
      msg: message,
      type: code,
    }))
  }
}
