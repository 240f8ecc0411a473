/** Sampling and scoring by published weights: `asample`, one request a prompt, a limited number at a time. */
import { EngineError } from '../../errors.ts'
import type { Policy, SampledSequence, SampleRequest } from '../engine.ts'
import { limiter } from '../limiter.ts'
import type { Capabilities } from './capabilities.ts'
import type { TinkerClient } from './client.ts'
import { modelInput } from './datums.ts'
import { sampleResult } from './wire.ts'
import { decodeSampleResult } from './wire-protobuf.ts'

/** Requests in flight; more wait here and not at the server. */
const AT_ONCE = 128

/** `open` makes the sampling session at the first use. */
export function createRemotePolicy(
  client: TinkerClient,
  capabilities: Capabilities,
  open: () => Promise<string>,
): Policy {
  let opened: Promise<string> | undefined
  let number = 0
  const limited = limiter(AT_ONCE)

  async function ask(body: object, signal?: AbortSignal) {
    opened ??= open().catch((error) => {
      opened = undefined
      throw error
    })
    const sampling_session_id = await opened
    return await limited(async () => {
      const accepted = await client.submit(
        'asample',
        { sampling_session_id, seq_id: number++, ...body, type: 'sample' },
        { json: sampleResult, ...(capabilities.protobuf && { protobuf: decodeSampleResult }) },
        { signal },
      )
      return await accepted.done()
    })
  }

  async function sample(request: SampleRequest): Promise<SampledSequence[]> {
    const { prompt, samples, seed, options, signal, alternatives = 0, onToken } = request
    const { maxTokens, temperature, topP = 1, topK = 0, stopTokens } = options
    if (alternatives > 0)
      throw new EngineError('the Tinker API does not tell the tokens beside the drawn one.', {
        field: 'alternatives',
        value: alternatives,
        expected: '0',
      })
    const aborted = () => Array.from({ length: samples }, () => sequence([], [], [], 'aborted'))
    if (signal?.aborted) return aborted()
    try {
      const { sequences } = await ask(
        {
          prompt: modelInput(prompt),
          num_samples: samples,
          sampling_params: {
            max_tokens: maxTokens,
            temperature,
            top_p: topP,
            top_k: topK === 0 ? -1 : topK,
            seed: seed % capabilities.seeds,
            ...(stopTokens.length > 0 && { stop: stopTokens }),
          },
        },
        signal,
      )
      if (sequences.length !== samples)
        throw new EngineError(`the server sent ${sequences.length} responses for ${samples}.`)
      return sequences.map(({ tokens, logprobs, stop_reason }, s) => {
        if (logprobs?.length !== tokens.length)
          throw new EngineError('the server sent responses without their log-probabilities.')
        const stopped = stop_reason === 'stop'
        if (stopped && !stopTokens.includes(tokens.at(-1)!))
          throw new EngineError(`${capabilities.server} leaves out the stop token, which training needs.`)
        tokens.forEach((token, t) => {
          onToken?.(s, token, logprobs[t]!, [])
        })
        const plain = temperature === 1 && topP === 1 && topK === 0
        // The wire has one log-probability a token, the untempered one.
        const drawn = plain ? logprobs : logprobs.map(() => (temperature === 0 ? 0 : Number.NaN))
        return sequence(tokens, logprobs, drawn, stopped ? 'stop' : 'length')
      })
    } catch (error) {
      if (signal?.aborted) return aborted()
      throw error
    }
  }

  async function score(tokens: Int32Array): Promise<Float32Array> {
    if (tokens.length < 2) return new Float32Array(0)
    const { prompt_logprobs: scores } = await ask({
      prompt: modelInput(tokens),
      num_samples: 1,
      sampling_params: { max_tokens: 1, temperature: 1, seed: 0 },
      prompt_logprobs: true,
    })
    // The first token has none: some servers say null for it, others leave it out.
    const known = scores?.length === tokens.length ? scores.slice(1) : scores
    if (known?.length !== tokens.length - 1 || known.includes(null))
      throw new EngineError(`the server did not score a sequence of ${tokens.length} tokens.`)
    return Float32Array.from(known as number[])
  }

  return {
    sample: (requests) => Promise.all(requests.map(sample)),
    logprobs: (sequences) => Promise.all(sequences.map(score)),
  }
}

const sequence = (
  tokens: ArrayLike<number>,
  logprobs: ArrayLike<number>,
  samplingLogprobs: ArrayLike<number>,
  stopReason: SampledSequence['stopReason'],
): SampledSequence => ({
  tokens: Int32Array.from(tokens),
  logprobs: Float32Array.from(logprobs),
  samplingLogprobs: Float32Array.from(samplingLogprobs),
  stopReason,
})
