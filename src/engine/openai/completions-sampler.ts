/**
 * A model behind an OpenAI-compatible server as something to sample from, by `/completions` with token ids for a prompt: vLLM,
 * SGLang, llama.cpp and this project's own server take them. One request a response, so that it depends on its own
 * seed alone and is asked again alone where it fails.
 *
 * Token ids and log-probabilities are the server's where it tells them: `token_ids` (vLLM, this project),
 * `response_token_ids` (SGLang), `token_id:…` in place of texts (older vLLM), `logprobs.content` (llama.cpp). Else the
 * text is tokenized here, which need not be what was sampled, and what is not known is NaN. Which distribution the
 * log-probabilities are of, tempered or not, is the server's choice; these four tell the untempered one by default.
 */
import { setMaxListeners } from 'node:events'
import { z } from 'zod'
import { EngineError } from '../../errors.ts'
import { randomStream, sampleSeed } from '../../random.ts'
import type { Tokenizer } from '../../text/tokenizer.ts'
import type { Policy, SampledSequence, SampleRequest, StopReason } from '../engine.ts'
import { limiter } from '../limiter.ts'
import { DONE, type Endpoint, RequestFailure, streamedRequest } from './request.ts'
import { isPassing, RETRY_POLICY, type RetryPolicy, withRetries } from './retry.ts'

export interface CompletionsOptions extends Endpoint {
  tokenizer: Pick<Tokenizer, 'encode'>
  /** Requests on their way at the same time. */
  concurrency: number
  retryPolicy?: RetryPolicy
}

const ids = z.array(z.int()).nullish()
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        text: z.string().nullish(),
        token_ids: ids,
        response_token_ids: ids,
        logprobs: z
          .object({
            tokens: z.array(z.string()).nullish(),
            token_logprobs: z.array(z.number().nullable()).nullish(),
            content: z.array(z.object({ id: z.int().optional(), logprob: z.number() })).nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.object({ completion_tokens: z.int().nullish() }).nullish(),
})

/** What a server told of one response. */
interface Told {
  text: string
  tokens: number[]
  logprobs: number[]
  finish?: string | undefined
  /** By the server's own count. */
  count?: number | undefined
}

export function completionsSampler(options: CompletionsOptions): Pick<Policy, 'sample'> {
  const { concurrency, retryPolicy = RETRY_POLICY } = options
  const limited = limiter(concurrency)
  const random = randomStream(0, 'retry')
  const never = new AbortController().signal
  setMaxListeners(0, never)
  let anySucceeded = false

  async function one(request: SampleRequest, sample: number): Promise<SampledSequence> {
    const { signal = never } = request
    let told: Told = { text: '', tokens: [], logprobs: [] }
    try {
      await withRetries(
        async () => {
          told = { text: '', tokens: [], logprobs: [] }
          await complete(options, request, sample, told, signal)
        },
        {
          policy: retryPolicy,
          signal,
          uniform: random.uniform,
          // A server that was never there will not come; one that was may be restarting.
          mayPass: (failure) =>
            isPassing(failure) && (anySucceeded || !(failure as RequestFailure).unreachable),
        },
      )
      anySucceeded = true
    } catch (error) {
      if (signal.aborted) return sequence(options, request, told, 'aborted')
      throw error instanceof RequestFailure ? unanswered(options, error) : error
    }
    return sequence(options, request, told, told.finish === 'stop' ? 'stop' : 'length')
  }

  return {
    async sample(requests) {
      for (const { signal } of requests) if (signal !== undefined) setMaxListeners(0, signal)
      return await Promise.all(
        requests.map((request) =>
          Promise.all(
            Array.from({ length: request.samples }, (_, sample) => limited(() => one(request, sample))),
          ),
        ),
      )
    },
  }
}

async function complete(
  endpoint: Endpoint,
  { prompt, seed, options, onToken }: SampleRequest,
  sample: number,
  told: Told,
  signal: AbortSignal,
): Promise<void> {
  const { maxTokens, temperature, topP = 1, topK = 0, stopTokens } = options
  const body = {
    model: endpoint.model,
    prompt: Array.from(prompt),
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    ...(topK > 0 && { top_k: topK }),
    // 31 bits: some servers take no more.
    seed: sampleSeed(seed, sample) % 2 ** 31,
    ...(stopTokens.length > 0 && { stop_token_ids: stopTokens }),
    logprobs: 1,
    return_token_ids: true,
    return_tokens_as_token_ids: true,
    skip_special_tokens: false,
    stream: true,
    stream_options: { include_usage: true },
  }
  for await (const event of streamedRequest(endpoint, '/completions', body, chunkSchema, signal)) {
    if (event === DONE) {
      // It was whole, and only the reason is missing.
      told.finish ??= (told.count ?? told.tokens.length) >= maxTokens ? 'length' : 'stop'
      break
    }
    const { choices, usage } = event
    told.count = usage?.completion_tokens ?? told.count
    const choice = choices?.[0]
    if (choice === undefined) continue
    told.text += choice.text ?? ''
    told.finish = choice.finish_reason ?? told.finish
    const tokens = tokensOf(choice)
    const { logprobs } = choice
    const scores = logprobs?.content?.map(({ logprob }) => logprob) ?? logprobs?.token_logprobs ?? []
    tokens.forEach((token, i) => {
      const logprob = scores[i] ?? Number.NaN
      told.tokens.push(token)
      told.logprobs.push(logprob)
      onToken?.(sample, token, logprob, [])
    })
  }
  if (told.finish === undefined) throw new RequestFailure('the stream was cut off')
}

type Choice = NonNullable<z.output<typeof chunkSchema>['choices']>[number]

function tokensOf({ token_ids, response_token_ids, logprobs }: Choice): number[] {
  const given = token_ids ?? response_token_ids
  if (given) return given
  const named = logprobs?.content?.map(({ id }) => id) ?? logprobs?.tokens?.map(idIn) ?? []
  return named.every((id) => id !== undefined) ? (named as number[]) : []
}

function idIn(token: string): number | undefined {
  const [, id] = /^token_id:(\d+)$/.exec(token) ?? []
  return id === undefined ? undefined : Number(id)
}

/** The stop token ends the sequence, whether the server told it or not. */
function sequence(
  { tokenizer }: CompletionsOptions,
  { options }: SampleRequest,
  { text, tokens, logprobs, count }: Told,
  stopReason: StopReason,
): SampledSequence {
  // Tokens that end within a character are left out by some.
  const whole = tokens.length > 0 && tokens.length >= (count ?? 0) - 1
  const known = whole ? tokens : Array.from(tokenizer.encode(text))
  const scores = whole ? logprobs : known.map(() => Number.NaN)
  const [stop] = options.stopTokens
  if (stopReason === 'stop' && stop !== undefined && !options.stopTokens.includes(known.at(-1) ?? -1)) {
    known.push(stop)
    scores.push(Number.NaN)
  }
  const untempered = options.temperature === 1 && (options.topP ?? 1) === 1 && !options.topK
  return {
    tokens: Int32Array.from(known),
    logprobs: Float32Array.from(scores),
    samplingLogprobs: Float32Array.from(scores, (score) => (untempered ? score : Number.NaN)),
    stopReason,
  }
}

function unanswered({ url, model }: Endpoint, failure: RequestFailure): EngineError {
  return new EngineError(`model ${JSON.stringify(model)} does not answer: ${failure.message}.`, {
    field: url,
    ...(failure.status === undefined && { remedy: 'Check that the server runs at this address.' }),
    cause: failure,
  })
}
