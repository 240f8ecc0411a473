/**
 * Training sequences as the Tinker API has them: by a loss that the server knows by name, or by coefficients. Any
 * objective's gradient is Σ c_t ∇log π(o_t) with c_t = ∂loss/∂log π(o_t), and importance sampling at ratio 1 with
 * advantages A_t has the gradient −Σ A_t ∇log π(o_t).
 */
import type { NamedLoss } from '../../objectives/named-loss.ts'
import type { Datum } from '../engine.ts'
import type { Capabilities } from './capabilities.ts'
import type { ForwardInput, ModelInput, WireDatum, WireTensor } from './wire.ts'

/** JSON has no infinities, and no token this unlikely teaches anything. */
const LOWEST_LOGPROB = -1e4

export const modelInput = (tokens: Int32Array): ModelInput => ({
  chunks: [{ type: 'encoded_text', tokens: Array.from(tokens) }],
})

function floats(values: ArrayLike<number>): WireTensor {
  return { data: Array.from(values), dtype: 'float32', shape: [values.length] }
}

/** A sequence of n tokens: n - 1 in, and the n - 1 that follow them. */
function wireDatum(tokens: Int32Array, inputs: Record<string, WireTensor> = {}): WireDatum {
  const target = Array.from(tokens.subarray(1))
  return {
    model_input: modelInput(tokens.subarray(0, -1)),
    loss_fn_inputs: { target_tokens: { data: target, dtype: 'int64', shape: [target.length] }, ...inputs },
  }
}

/** Scores sequences: the loss is not used. */
export const forScoring = (sequences: readonly Int32Array[]): ForwardInput => ({
  data: sequences.map((tokens) =>
    wireDatum(tokens, { weights: floats(new Float32Array(tokens.length - 1).fill(1)) }),
  ),
  loss_fn: 'cross_entropy',
})

/** For servers that sum: a token's weight, which is never negative, goes into its advantage. */
export function byName(loss: NamedLoss, batch: readonly Datum[]): ForwardInput {
  if (loss.name === 'cross_entropy')
    return {
      data: batch.map(({ tokens, weights }) => wireDatum(tokens, { weights: floats(weights) })),
      loss_fn: loss.name,
    }
  const data = batch.map(({ tokens, weights, inputs }) =>
    wireDatum(tokens, {
      logprobs: floats(inputs!.oldLogprobs!.map((logprob, t) => (weights[t] === 0 ? 0 : clamp(logprob)))),
      advantages: floats(
        inputs!.advantages!.map((advantage, t) => (weights[t] === 0 ? 0 : weights[t]! * advantage)),
      ),
    }),
  )
  const thresholds =
    loss.name === 'importance_sampling'
      ? {}
      : { loss_fn_config: { clip_low_threshold: loss.low, clip_high_threshold: loss.high } }
  return { data, loss_fn: loss.name, ...thresholds }
}

/** A sequence whose gradient waits for the update. */
export interface Coefficients {
  tokens: Int32Array
  /** log π of tokens 1..n-1 as the server has them now. */
  logprobs: ArrayLike<number>
  /** ∂loss/∂log π of each. */
  coefficients: ArrayLike<number>
}

/** All sequences of one update: servers that take means divide by their number. */
export function byCoefficients(
  waiting: readonly Coefficients[],
  reduction: Capabilities['reduction'],
): ForwardInput {
  return {
    data: waiting.map(({ tokens, logprobs, coefficients }) => {
      const positions = tokens.length - 1
      const scale = reduction === 'sum' ? 1 : positions * waiting.length
      return wireDatum(tokens, {
        logprobs: floats(Array.from(logprobs, clamp)),
        advantages: floats(Array.from(coefficients, (c) => -c * scale)),
      })
    }),
    loss_fn: 'importance_sampling',
  }
}

const clamp = (logprob: number) => Math.max(logprob, LOWEST_LOGPROB)

const MOST_DATUMS = 1024
const MOST_TOKENS = 65_536

/** Requests of a size that servers take; none where there are no data, since SkyRL never answers to a pass over nothing. */
export function chunked({ data, ...loss }: ForwardInput): ForwardInput[] {
  const chunks: WireDatum[][] = data.length === 0 ? [] : [[]]
  let tokens = 0
  for (const datum of data) {
    const size = datum.loss_fn_inputs.target_tokens!.data.length
    if (chunks.at(-1)!.length > 0 && (chunks.at(-1)!.length === MOST_DATUMS || tokens + size > MOST_TOKENS)) {
      chunks.push([])
      tokens = 0
    }
    chunks.at(-1)!.push(datum)
    tokens += size
  }
  return chunks.map((part) => ({ data: part, ...loss }))
}
