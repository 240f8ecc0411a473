/** How a token is drawn from scores: greedily, or from a tempered distribution after top-k and then top-p of what is left. */

export interface DrawnToken {
  token: number
  /** Under softmax(logits). */
  logprob: number
  /** Under the distribution drawn from. */
  samplingLogprob: number
}

export interface DrawOptions {
  /** 1 / temperature; 0 is greedy. */
  inverseTemperature: number
  /** 0 keeps all. */
  topK: number
  /** 1 keeps all. */
  topP: number
}

/**
 * A function with its own scratch space for `vocabularySize` scores: `logprobs` are log softmax(logits), `weights`
 * softmax(logits / temperature), which greedy draws do not read. A token of weight 0 is never drawn. Scores that are no
 * numbers give a NaN. One drawn token is valid until the next.
 */
export function createDraw(vocabularySize: number) {
  const order = new Uint32Array(vocabularySize)
  const drawn: DrawnToken = { token: 0, logprob: 0, samplingLogprob: 0 }

  return function draw(
    logprobs: ArrayLike<number>,
    weights: ArrayLike<number>,
    { inverseTemperature, topK, topP }: DrawOptions,
    uniform: number,
  ): DrawnToken {
    const n = logprobs.length
    if (Number.isNaN(logprobs[0]!) || (inverseTemperature > 0 && Number.isNaN(weights[0]!)))
      return result(0, Number.NaN)
    if (inverseTemperature === 0) {
      let best = 0
      for (let i = 1; i < n; i++) if (logprobs[i]! > logprobs[best]!) best = i
      return result(best, 0)
    }
    if ((topK > 0 && topK < n) || topP < 1) return filtered(Math.min(topK || n, n))
    let left = uniform
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

    function filtered(k: number): DrawnToken {
      // Only tokens that could matter are sorted: those below the smallest useful weight never reach the nucleus.
      // With top-k the nucleus is a share of the k, whose sum needs them all.
      let candidates = 0
      const floor = k < n ? 0 : (1 - topP) / n
      for (let i = 0; i < n; i++) if (weights[i]! >= floor) order[candidates++] = i
      const sorted = order.subarray(0, candidates).sort((a, b) => weights[b]! - weights[a]! || a - b)
      const limit = Math.min(k, candidates)
      let whole = k < n ? 0 : 1
      if (k < n) for (let i = 0; i < limit; i++) whole += weights[sorted[i]!]!
      let mass = 0
      let kept = 0
      while (kept < limit && (kept === 0 || mass < topP * whole)) mass += weights[sorted[kept++]!]!
      let left = uniform * mass
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

/** The operation `draw` of graphs: rows [R, 3] from logprobs and weights [R, V], options [R, 3] and uniforms [R]. */
export function drawRows<Values extends Float32Array | Float64Array>(
  into: Values,
  [logprobs, weights, options, uniforms]: readonly ArrayLike<number>[],
  draw: ReturnType<typeof createDraw>,
): Values {
  const rows = into.length / 3
  const V = logprobs!.length / rows
  const row = (scores: ArrayLike<number>, r: number) => (scores as Float32Array).subarray(r * V, (r + 1) * V)
  for (let r = 0; r < rows; r++) {
    const [inverseTemperature, topK, topP] = [0, 1, 2].map((i) => options![3 * r + i]!) as [
      number,
      number,
      number,
    ]
    const given = { inverseTemperature, topK, topP }
    const drawn = draw(row(logprobs!, r), row(weights!, r), given, uniforms![r]!)
    into[3 * r] = drawn.token
    into[3 * r + 1] = drawn.logprob
    into[3 * r + 2] = drawn.samplingLogprob
  }
  return into
}

/** What `drawRows` wrote of row `r`. */
export const drawnAt = (rows: Float32Array, r: number): DrawnToken => ({
  token: rows[3 * r]!,
  logprob: rows[3 * r + 1]!,
  samplingLogprob: rows[3 * r + 2]!,
})
