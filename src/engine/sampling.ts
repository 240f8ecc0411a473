/** Drawing tokens outside of a graph, and what is said beside a drawn one. */
import { EngineError } from '../errors.ts'
import { createDraw as createRowDraw, type DrawnToken } from '../graph/draw.ts'
import type { SamplingOptions, TokenLogprob } from './engine.ts'

/** Below this, 1 / temperature is too large for scores in float32. Such temperatures mean 0, which is greedy. */
export const LEAST_TEMPERATURE = 1e-5

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

/** As graph/draw.ts; scores that make no distribution are an error. */
export function createDraw(vocabularySize: number): Draw {
  const draw = createRowDraw(vocabularySize)
  return ({ logprobs, weights }, options, uniform) =>
    checkDrawn(draw(logprobs, weights, drawOptions(options), options.temperature === 0 ? 0 : uniform()))
}

/** What a draw is told of the options. */
export const drawOptions = ({
  temperature,
  topP = 1,
  topK = 0,
}: Pick<SamplingOptions, 'temperature' | 'topP' | 'topK'>) => ({
  inverseTemperature: temperature === 0 ? 0 : 1 / temperature,
  topK,
  topP,
})

/** Throws where there was nothing to draw from. */
export function checkDrawn<Drawn extends Pick<DrawnToken, 'logprob' | 'samplingLogprob'>>(
  drawn: Drawn,
): Drawn {
  if (Number.isNaN(drawn.logprob) || Number.isNaN(drawn.samplingLogprob))
    throw new EngineError("the model's scores are not numbers.", {
      field: 'logits',
      remedy: 'Its weights are damaged or have diverged; use an older checkpoint.',
    })
  return drawn
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
