/**
 * A model behind an OpenAI-compatible server as the target of an evaluation: a limited number of requests at a time, each asked
 * again while its failure may pass. What fails for good becomes a response with `error`, except where no request
 * can succeed: a refused key, an unknown model, or a complaint about the very first request.
 */
import { setMaxListeners } from 'node:events'
import { z } from 'zod'
import { keyRemedy } from '../engine/api-key.ts'
import { type ChatEndpoint, type ChatResponse, chatCompletion } from '../engine/openai/chat-completion.ts'
import { addressOf, authorization, RequestFailure } from '../engine/openai/request.ts'
import { isPassing, RETRY_POLICY, type RetryPolicy, withRetries } from '../engine/openai/retry.ts'
import { EngineError } from '../errors.ts'
import { randomStream } from '../random.ts'
import { type AnswerForm, splitReasoning } from '../text/reasoning.ts'
import type { ModelResponse, Responder, ResponseRequest } from './responder.ts'

export interface EndpointOptions extends Omit<ChatEndpoint, 'asWritten'> {
  /** Requests on their way at the same time. */
  concurrency: number
  retryPolicy?: RetryPolicy
}

/**
 * `r1 serve` is asked for its text as the model wrote it, and its model as the model's template wants: its responses are
 * judged as those of a model here. Of other servers neither is known.
 */
export async function endpointResponder(options: EndpointOptions): Promise<Responder> {
  const { concurrency, retryPolicy = RETRY_POLICY, ...given } = options
  const answerForm = await toldAnswerForm(given)
  const endpoint = { ...given, asWritten: answerForm !== undefined }
  const version = [
    ...(endpoint.reasoningModel ? ['no sampling settings'] : []),
    ...(answerForm === undefined ? [] : [`as written, ${answerForm}`]),
  ].join(', ')
  return {
    name: `${endpoint.model} at ${endpoint.url}`,
    ...(version !== '' && { version }),
    ...(answerForm && { answerForm }),
    async respond(requests, onResponse, signal) {
      const stop = new AbortController()
      const both = AbortSignal.any([signal, stop.signal])
      setMaxListeners(0, both)
      const random = randomStream(0, 'retry')
      let next = 0
      let anySucceeded = false
      let fatal: unknown

      const worker = async () => {
        while (next < requests.length && !both.aborted) {
          const request = requests[next++]!
          try {
            const response = await withRetries(() => ask(endpoint, request, both), {
              policy: retryPolicy,
              signal: both,
              uniform: random.uniform,
              // A server that was never there will not come; one that was may be restarting.
              mayPass: (failure) =>
                isPassing(failure) && (anySucceeded || !(failure as RequestFailure).unreachable),
            })
            anySucceeded = true
            onResponse(response)
          } catch (error) {
            if (both.aborted) return
            if (!(error instanceof RequestFailure) || isHopeless(error, anySucceeded)) {
              fatal ??= error instanceof RequestFailure ? refused(endpoint, error) : error
              stop.abort()
              return
            }
            onResponse({ ...blank(request), error: error.message })
          }
        }
      }
      await Promise.all(Array.from({ length: Math.min(concurrency, requests.length) }, worker))
      if (fatal !== undefined) throw fatal
    },
  }
}

const toldSchema = z.object({ answer_form: z.enum(['tags', 'think']) })

/** A server that does not answer here is complained about when it is asked for the first response. */
async function toldAnswerForm(
  endpoint: Pick<ChatEndpoint, 'url' | 'model' | 'apiKey'>,
): Promise<AnswerForm | undefined> {
  try {
    const response = await fetch(addressOf(endpoint, `/models/${encodeURIComponent(endpoint.model)}`), {
      headers: authorization(endpoint),
      signal: AbortSignal.timeout(10_000),
    })
    return toldSchema.parse(await response.json()).answer_form
  } catch {
    return undefined
  }
}

async function ask(
  endpoint: ChatEndpoint,
  request: ResponseRequest,
  signal: AbortSignal,
): Promise<ModelResponse> {
  const { prompt, sampling, seed, questionId, sample } = request
  const response = await chatCompletion(endpoint, { message: prompt, seed, ...sampling }, signal)
  return {
    questionId,
    sample,
    text: response.text,
    tokens: response.tokens,
    stopReason: response.stopReason,
    ...thinkingTokens(response),
  }
}

/** By the server's count, else by the thinking's share of the characters. */
function thinkingTokens(response: ChatResponse): { thinkingTokens?: number } {
  if (response.thinkingTokens !== undefined) return { thinkingTokens: response.thinkingTokens }
  const { thinking } = splitReasoning(response.text)
  if (thinking === null || response.text === '') return {}
  return { thinkingTokens: Math.round((response.tokens * thinking.length) / response.text.length) }
}

function blank({ questionId, sample }: ResponseRequest): ModelResponse {
  return { questionId, sample, text: '', tokens: 0, stopReason: 'stop' }
}

function isHopeless({ status }: RequestFailure, anySucceeded: boolean): boolean {
  if (status === undefined) return !anySucceeded
  if (status === 401 || status === 403 || status === 404) return true
  return !anySucceeded && status >= 400
}

function refused({ url, model }: ChatEndpoint, failure: RequestFailure): EngineError {
  const remedies: Record<number, string> = {
    401: `Name the variable with its key by --api-key-env. ${keyRemedy('openai')}`,
    403: 'Check that this key may use this model.',
    404: 'Check --api-model and that --endpoint ends in /v1.',
    429: 'Wait, or lower --concurrency.',
  }
  const remedy =
    failure.status === undefined ? 'Check that the server runs at this address.' : remedies[failure.status]
  return new EngineError(`model ${JSON.stringify(model)} does not answer: ${failure.message}.`, {
    field: url,
    ...(remedy === undefined ? {} : { remedy }),
    cause: failure,
  })
}
