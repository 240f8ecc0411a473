/**
 * Draws a token: greedily, or from the tempered distribution after top-k and then top-p of what is left; and its
 * log-probability before and after them. Scores that make no distribution are an error.
 */
import { EngineError } from '../errors.ts'
import type { SamplingOptions, TokenLogprob } from './engine.ts'

/** Below this, 1 / temperature is too large for scores in float32. Such temperatures mean 0, which is greedy. */
export const LEAST_TEMPERATURE = 1e-5

export interface DrawnToken {
  token: number
  /** Under softmax(logits). */
  logprob: number
  /** Under the distribution drawn from. */
  samplingLogprob: number
}

/** A position's scores for every token of the vocabulary. A token of weight 0 is never drawn. */
export interface TokenScores {
  /** log softmax(logits) */
  logprobs: ArrayLike<number>
  /** softmax(logits / temperature); not read at temperature 0. */
  weights: ArrayLike<number>
}

export type Draw = (
  scores: TokenScores,
  options: Pick<SamplingOptions, 'temperature' | 'topP' | 'topK'>,
  uniform: () => number,
) => DrawnToken

/** Scores in float64, for engines that do not have them from a graph. */
export function tokenScores(logits: ArrayLike<number>, temperature: number): TokenScores {
  const scaled = (by: number) => Float64Array.from(logits, (logit) => logit * by)
  const logSoftmax = (x: Float64Array) => {
    const top = x.reduce((a, b) => Math.max(a, b))
    const logSum = top + Math.log(x.reduce((sum, value) => sum + Math.exp(value - top), 0))
    return x.map((value) => value - logSum)
  }
  const tempered = logSoftmax(scaled(temperature === 0 ? 1 : 1 / temperature))
  return { logprobs: logSoftmax(scaled(1)), weights: tempered.map(Math.exp) }
}

/** A sampler with its own scratch space for `vocabularySize` scores; one drawn token is valid until the next draw. */
export function createDraw(vocabularySize: number): Draw {
  const order = new Uint32Array(vocabularySize)
  const drawn: DrawnToken = { token: 0, logprob: 0, samplingLogprob: 0 }

  return ({ logprobs, weights }, { temperature, topP = 1, topK = 0 }, uniform) => {
    const n = logprobs.length
    if (Number.isNaN(logprobs[0]!) || (temperature > 0 && Number.isNaN(weights[0]!)))
      throw new EngineError("the model's scores are not numbers.", {
        field: 'logits',
        remedy: 'Its weights are damaged or have diverged; use an older checkpoint.',
      })
    if (temperature === 0) {
      let best = 0
      for (let i = 1; i < n; i++) if (logprobs[i]! > logprobs[best]!) best = i
      return result(best, 0)
    }
    if ((topK > 0 && topK < n) || topP < 1) return filtered(weights, topP, Math.min(topK || n, n), uniform)
    let left = uniform()
    let last = 0
    for (let i = 0; i < n; i++) {
      const weight = weights[i]!
      left -= weight
      if (left < 0) return result(i, Math.log(weight))
      if (weight > 0) last = i
    }
    // The weights' sum was rounded to a little less than 1.
    return result(last, Math.log(weights[last]!))

    function result(token: number, samplingLogprob: number): DrawnToken {
      drawn.token = token
      drawn.logprob = logprobs[token]!
      drawn.samplingLogprob = samplingLogprob
      return drawn
    }

    function filtered(
      weights: ArrayLike<number>,
      topP: number,
      topK: number,
      uniform: () => number,
    ): DrawnToken {
      // Only tokens that could matter are sorted: those below the smallest useful weight never reach the nucleus.
      // With top-k the nucleus is a share of the k, whose sum needs them all.
      let candidates = 0
      const floor = topK < n ? 0 : (1 - topP) / n
      for (let i = 0; i < n; i++) if (weights[i]! >= floor) order[candidates++] = i
      const sorted = order.subarray(0, candidates).sort((a, b) => weights[b]! - weights[a]! || a - b)
      const limit = Math.min(topK, candidates)
      let whole = topK < n ? 0 : 1
      if (topK < n) for (let i = 0; i < limit; i++) whole += weights[sorted[i]!]!
      let mass = 0
      let kept = 0
      while (kept < limit && (kept === 0 || mass < topP * whole)) mass += weights[sorted[kept++]!]!
      let left = uniform() * mass
      let at = 0
      for (; at < kept - 1; at++) {
        left -= weights[sorted[at]!]!
        if (left < 0) break
      }
      // Rounding may run past tokens that can be drawn, into ones that cannot.
      while (at > 0 && weights[sorted[at]!]! === 0) at--
      return result(sorted[at]!, Math.log(weights[sorted[at]!]! / mass))
    }
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
