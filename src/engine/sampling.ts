/**
 * Draws a token from logits: temperature, top-k, then top-p of what is left, and its log-probability before and after
 * them. A logit of -Infinity is a token that is never drawn; logits that make no distribution are an error.
 */
import { EngineError } from '../errors.ts'
import type { SamplingOptions, TokenLogprob } from './engine.ts'

export interface DrawnToken {
  token: number
  /** Under softmax(logits). */
  logprob: number
  /** Under the distribution drawn from. */
  samplingLogprob: number
}

export type Draw = (
  logits: Float32Array,
  options: Pick<SamplingOptions, 'temperature' | 'topP' | 'topK'>,
  uniform: () => number,
) => DrawnToken

/** A sampler with its own scratch space for `vocabularySize` logits; one drawn token is valid until the next draw. */
export function createDraw(vocabularySize: number): Draw {
  const weights = new Float64Array(vocabularySize)
  const order = new Uint32Array(vocabularySize)
  const drawn: DrawnToken = { token: 0, logprob: 0, samplingLogprob: 0 }

  return (logits, { temperature, topP = 1, topK = 0 }, uniform) => {
    const n = logits.length
    let best = 0
    for (let i = 1; i < n; i++) if (logits[i]! > logits[best]!) best = i
    const top = logits[best]!
    let total = 0
    for (let i = 0; i < n; i++) {
      const weight = Math.exp(logits[i]! - top)
      weights[i] = weight
      total += weight
    }
    if (Number.isNaN(total))
      throw new EngineError("the model's scores are not numbers.", {
        field: 'logits',
        remedy: 'Its weights are damaged or have diverged; use an older checkpoint.',
      })
    if (temperature === 0) return result(best, -Math.log(total), 0)

    const untempered = Math.log(total)
    if (temperature !== 1) {
      total = 0
      for (let i = 0; i < n; i++) {
        const weight = Math.exp((logits[i]! - top) / temperature)
        weights[i] = weight
        total += weight
      }
    }
    let kept = n
    let mass = total
    const filtered = (topK > 0 && topK < n) || topP < 1
    if (filtered) {
      // Only tokens that could matter are sorted: those below the smallest useful weight never reach the nucleus.
      // With top-k the nucleus is a share of the k, whose sum needs them all.
      let candidates = 0
      const floor = topK > 0 && topK < n ? 0 : ((1 - topP) * total) / n
      for (let i = 0; i < n; i++) if (weights[i]! >= floor) order[candidates++] = i
      const sorted = order.subarray(0, candidates).sort((a, b) => weights[b]! - weights[a]! || a - b)
      const limit = topK > 0 ? Math.min(topK, candidates) : candidates
      let cut = 0
      if (topK > 0 && topK < n) {
        for (let i = 0; i < limit; i++) cut += weights[sorted[i]!]!
      } else cut = total
      mass = 0
      kept = 0
      while (kept < limit && (kept === 0 || mass < topP * cut)) mass += weights[sorted[kept++]!]!
    }
    let left = uniform() * mass
    let token = filtered ? order[kept - 1]! : best
    for (let i = 0; i < kept; i++) {
      const candidate = filtered ? order[i]! : i
      left -= weights[candidate]!
      if (left < 0) {
        token = candidate
        break
      }
    }
    return result(token, logits[token]! - top - untempered, Math.log(weights[token]! / mass))
  }

  function result(token: number, logprob: number, samplingLogprob: number): DrawnToken {
    drawn.token = token
    drawn.logprob = logprob
    drawn.samplingLogprob = samplingLogprob
    return drawn
  }
}

/** The `count` likeliest tokens, likeliest first, scored against the drawn one; of equals the smaller id is first. */
export function likeliestTokens(
  logits: ArrayLike<number>,
  count: number,
  drawn: Readonly<TokenLogprob>,
): TokenLogprob[] {
  const total = logits[drawn.token]! - drawn.logprob
  const best: number[] = []
  for (let token = 0; token < logits.length && count > 0; token++) {
    if (best.length === count && logits[token]! <= logits[best[count - 1]!]!) continue
    let at = Math.min(best.length, count - 1)
    for (; at > 0 && logits[best[at - 1]!]! < logits[token]!; at--) best[at] = best[at - 1]!
    best[at] = token
  }
  return best.map((token) => ({ token, logprob: logits[token]! - total }))
}
