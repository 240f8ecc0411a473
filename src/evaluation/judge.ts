/**
 * A model behind a server that judges what no rule can (R1 §3.1). Its replies are kept as responses are. A reply that could not
 * be had, or that does not say what it was asked, is no verdict: it is an error that names the cause.
 */
import { limiter } from '../engine/limiter.ts'
import { UserError } from '../errors.ts'
import { splitReasoning } from '../text/reasoning.ts'
import type { ModelResponse, Responder, ResponseRequest, SamplingSettings } from './responder.ts'
import type { ResponseCache } from './response-cache.ts'

export const JUDGE_SAMPLING: SamplingSettings = { temperature: 0, topP: 1, maxTokens: 8192 }

/** The response stays without a verdict and is asked about again by the same command. */
export class JudgeError extends UserError {}

export interface Judge {
  /** Asks the cache first. */
  responder: Responder
  sampling: SamplingSettings
  seed: number
  signal: AbortSignal
}

export interface JudgingOptions {
  responder: Responder
  cache: ResponseCache
  /** Questions to the judge at the same time. */
  concurrency: number
  seed: number
  signal: AbortSignal
}

export function openJudge({ responder, cache, concurrency, seed, signal }: JudgingOptions): Judge {
  const limited = limiter(concurrency)
  const answered = async (request: ResponseRequest, onResponse: (response: ModelResponse) => void) => {
    const known = cache.get(request)
    if (known !== undefined) return onResponse(known)
    await responder.respond(
      [request],
      (response) => {
        cache.add(request, response)
        onResponse(response)
      },
      signal,
    )
  }
  return {
    sampling: JUDGE_SAMPLING,
    seed,
    signal,
    responder: {
      name: responder.name,
      async respond(requests, onResponse) {
        await Promise.all(requests.map((request) => limited(() => answered(request, onResponse))))
      },
    },
  }
}

/** The judge's reply to a prompt, without its thinking. Throws a JudgeError where there is none. */
export async function askJudge(
  { responder, sampling, seed, signal }: Judge,
  prompt: string,
): Promise<string> {
  let reply: ModelResponse | undefined
  await responder.respond(
    [{ questionId: 'judge', sample: 0, prompt, sampling, seed }],
    (response) => {
      reply = response
    },
    signal,
  )
  if (reply === undefined || reply.error !== undefined)
    throw new JudgeError(`the judge gave no reply (${reply?.error ?? 'stopped'}).`)
  return splitReasoning(reply.text).answer
}
