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
 * Weights whose float32 bits agree in exponent and five digits more are one group; one of a larger number has larger weights.
 * So only groups that a limit falls in are sorted: sorting a vocabulary of 262,144 tokens costs more than its scores.
 */
const GROUP_SHIFT = 18
const GROUPS = (0x3f80_0000 >>> GROUP_SHIFT) + 1
const NO_GROUP = 0xffff

/**
 * A function with its own scratch space for `vocabularySize` scores: `logprobs` are log softmax(logits), `weights`
 * softmax(logits / temperature), which greedy draws do not read. A token of weight 0 is never drawn. Scores that are no
 * numbers give a NaN. One drawn token is valid until the next.
 */
export function createDraw(vocabularySize: number) {
  const order = new Uint32Array(vocabularySize)
  const drawn: DrawnToken = { token: 0, logprob: 0, samplingLogprob: 0 }
  const groupOf = new Uint16Array(vocabularySize)
  const counts = new Uint32Array(GROUPS)
  const masses = new Float64Array(GROUPS)

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
      // With top-k the nucleus is a share of the k, whose sum needs them all; else what is below this never reaches it.
      const top = group(k < n ? 0 : (1 - topP) / n)
      const whole = k < n ? likeliest(top, k, () => false).mass : 1
      const { count, mass } = likeliest(top, k, (sum) => sum >= topP * whole)
      const { last } = likeliest(top, count, (sum) => sum > uniform * mass)
      return result(last, Math.log(weights[last]! / mass))
    }

    /** Counts and masses of the groups, without weights below `floor`. Gives the last group. */
    function group(floor: number): number {
      counts.fill(0)
      masses.fill(0)
      const { buffer, byteOffset } = weights instanceof Float32Array ? weights : Float32Array.from(weights)
      const bits = new Uint32Array(buffer, byteOffset, n)
      let top = 0
      for (let i = 0; i < n; i++) {
        const weight = weights[i]!
        groupOf[i] = NO_GROUP
        if (weight < floor) continue
        const at = Math.min(GROUPS - 1, bits[i]! >>> GROUP_SHIFT)
        groupOf[i] = at
        counts[at]!++
        masses[at]! += weight
        if (at > top) top = at
      }
      return top
    }

    /** The likeliest tokens, up to the first whose sum with those before it is enough, and at most `most`. */
    function likeliest(top: number, most: number, isEnough: (sum: number) => boolean) {
      let [count, mass, last] = [0, 0, 0]
      for (let at = top; at >= 0; at--) {
        const all = counts[at]!
        if (all === 0) continue
        if (count + all < most && !isEnough(mass + masses[at]!)) {
          count += all
          mass += masses[at]!
          continue
        }
        for (const token of sorted(at)) {
          count++
          mass += weights[token]!
          // Rounding may run past tokens that can be drawn, into ones that cannot.
          if (weights[token]! > 0) last = token
          if (count === most || isEnough(mass)) return { count, mass, last }
        }
      }
      return { count, mass, last }
    }

    function sorted(group: number): Uint32Array {
      let size = 0
      for (let i = 0; i < n; i++) if (groupOf[i] === group) order[size++] = i
      return order.subarray(0, size).sort((a, b) => weights[b]! - weights[a]! || a - b)
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
