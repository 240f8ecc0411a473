/** The responses of one request: places in the sampler, seeds, cancellation, counts. */
import { randomInt } from 'node:crypto'
import { sampleSeed } from '../../random.ts'
import { stopTokens } from '../../rollout/sample-groups.ts'
import { type StreamedResponse, type StreamedToken, streamResponse } from '../../rollout/stream-response.ts'
import type { ServerMetrics } from '../metrics.ts'
import { ApiError } from './errors.ts'
import type { ServedModel } from './served-model.ts'

export interface Generation {
  served: ServedModel
  /** Choice i answers prompt ⌊i / n⌋. */
  prompts: readonly Int32Array[]
  n: number
  seed: number | bigint | undefined
  sampling: { temperature: number; topP: number; topK: number }
  /** What fits, where it is undefined. A limit beyond that is taken for what fits. */
  maxTokens: number | undefined
  stop: readonly string[]
  /** Others than the model's own are refused. */
  stopTokens: readonly number[]
  alternatives: number
  /** Log-probabilities that are kept until the end, for each token. */
  keptLogprobs: number
  tellStop?: boolean
}

interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  completion_tokens_details?: { reasoning_tokens: number }
}

type OnText = (choice: number, text: string, token?: StreamedToken) => void

/** Log-probabilities in one answer that does not stream: about 15 MB of JSON. */
const MOST_LOGPROBS = 100_000

export interface Started {
  /** To be called once. Rejects with the signal's reason where it aborts; all places are given back in any case. */
  run(onText: OnText, onEnd: (choice: number, response: StreamedResponse) => void): Promise<void>
  /** So far; the stop token counts once it has come. */
  usage(): Usage
}

/** Resolves when the request has its places; throws a 429 where it cannot even wait. */
export async function startGeneration(
  generation: Generation,
  signal: AbortSignal,
  metrics: ServerMetrics,
): Promise<Started> {
  const { served, prompts, n, seed: asked, sampling, maxTokens, stop, alternatives } = generation
  const { tellStop = false } = generation
  const { policy, tokenizer, maxPositions } = served.model
  const own = stopTokens(tokenizer)
  const foreign = generation.stopTokens.find((token) => !own.includes(token))
  if (foreign !== undefined)
    throw new ApiError(400, `stop_token_ids: ${foreign} is not the model's own, ${own.join()}.`, {
      param: 'stop_token_ids',
    })
  const longest = Math.max(
    ...prompts.map(({ length }) => Math.min(maxTokens ?? Number.POSITIVE_INFINITY, maxPositions - length)),
  )
  if (prompts.length * n * longest * generation.keptLogprobs > MOST_LOGPROBS)
    throw new ApiError(
      400,
      `More than ${MOST_LOGPROBS} log-probabilities in one answer. Stream it, or ask for fewer tokens, responses or alternatives.`,
      { param: 'logprobs' },
    )
  const seed = asked ?? randomInt(2 ** 31)
  const choices = prompts.length * n
  const arrived = performance.now()
  const { leave } = await served.gate.enter(choices, signal)
  const promptTokens = prompts.reduce((sum, prompt) => sum + prompt.length, 0)
  const counts = new Array<number>(choices).fill(0)
  return {
    usage() {
      const numTokens = counts.reduce((sum, count) => sum + count, 0)
      return {
        prompt_tokens: promptTokens,
        completion_tokens: numTokens,
        total_tokens: promptTokens + numTokens,
      }
    },
    async run(onText, onEnd) {
      let first = true
      const told: OnText = (choice, text, token) => {
        if (first) metrics.firstToken(served.id, (performance.now() - arrived) / 1000)
        first = false
        if (token !== undefined) counts[choice]!++
        onText(choice, text, token)
      }
      const one = async (choice: number) => {
        try {
          const prompt = prompts[Math.floor(choice / n)]!
          const response = await streamResponse(policy, tokenizer, {
            prompt,
            seed: sampleSeed(seed, choice),
            sampling: {
              ...sampling,
              maxTokens: Math.min(maxTokens ?? Number.POSITIVE_INFINITY, maxPositions - prompt.length),
            },
            stop,
            alternatives,
            tellStop,
            signal,
            onText: (text, token) => told(choice, text, token),
          })
          counts[choice] = response.numTokens
          metrics.tokens(served.id, 'completion', response.numTokens)
          if (response.stopReason !== 'aborted') onEnd(choice, response)
        } finally {
          leave()
        }
      }
      metrics.tokens(served.id, 'prompt', promptTokens)
      const settled = await Promise.allSettled(Array.from({ length: choices }, (_, choice) => one(choice)))
      for (const result of settled) if (result.status === 'rejected') throw result.reason
      signal.throwIfAborted()
    },
  }
}
