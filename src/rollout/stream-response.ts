/** One response as text while it is sampled: ends at the model's stop token, at a stop string or at the limit. */
import type { Policy, SamplingOptions, StopReason, TokenLogprob } from '../engine/engine.ts'
import { stopStrings } from '../text/stop-strings.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { stopTokens } from './sample-groups.ts'

export interface StreamedToken extends TokenLogprob {
  likeliest: readonly TokenLogprob[]
}

export interface StreamOptions {
  prompt: Int32Array
  /** The response depends on prompt, settings and seed alone. */
  seed: number
  sampling: Pick<SamplingOptions, 'maxTokens' | 'temperature' | 'topP' | 'topK'>
  /** Texts that end the response and are no part of it. */
  stop?: readonly string[]
  /** How many of the likeliest tokens are told beside each drawn one. */
  alternatives?: number
  signal?: AbortSignal
  /** Whether the stop token is told too, with the text ''. */
  tellStop?: boolean
  /** The text that a token completes, which may be '', and at the end what was held back. */
  onText: (text: string, token?: StreamedToken) => void
}

export interface StreamedResponse {
  /** Sampled, the stop token included. */
  numTokens: number
  stopReason: StopReason
}

export async function streamResponse(
  policy: Pick<Policy, 'sample'>,
  tokenizer: Tokenizer,
  { prompt, seed, sampling, stop = [], alternatives = 0, tellStop = false, signal, onText }: StreamOptions,
): Promise<StreamedResponse> {
  const stops = stopTokens(tokenizer)
  const decoder = tokenizer.decoder()
  const text = stopStrings(stop)
  const enough = new AbortController()
  const [[sequence] = []] = await policy.sample([
    {
      prompt,
      samples: 1,
      seed,
      options: { ...sampling, stopTokens: stops },
      signal: signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]),
      alternatives,
      onToken(_, token, logprob, likeliest) {
        if (stops.includes(token)) {
          if (tellStop) onText('', { token, logprob, likeliest })
          return
        }
        onText(text.push(decoder.push(token)), { token, logprob, likeliest })
        if (text.stopped) enough.abort()
      },
    },
  ])
  const { tokens, stopReason } = sequence!
  if (text.stopped) return { numTokens: tokens.length, stopReason: 'stop' }
  const rest = text.push(decoder.end()) + text.end()
  if (rest !== '') onText(rest)
  return { numTokens: tokens.length, stopReason: text.stopped ? 'stop' : stopReason }
}
