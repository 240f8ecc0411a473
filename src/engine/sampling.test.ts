import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../errors.ts'
import { createDraw as createRowDraw } from '../graph/draw.ts'
import { randomStream } from '../random.ts'
import { createDraw as createScoreDraw, likeliestTokens, tokenScores } from './sampling.ts'

interface Settings {
  temperature: number
  topP?: number
  topK?: number
}

function createDraw(vocabularySize: number) {
  const draw = createScoreDraw(vocabularySize)
  return (logits: Float32Array, settings: Settings, uniform: () => number) =>
    draw(tokenScores(logits, settings.temperature), settings, uniform)
}

const softmax = (scores: readonly number[]): number[] => {
  const top = Math.max(...scores)
  const weights = scores.map((score) => Math.exp(score - top))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** As one would write it down: temper, keep the k likeliest, renormalise, keep the nucleus, renormalise. */
function filtered(logits: readonly number[], { temperature, topP = 1, topK = 0 }: Settings): number[] {
  let p = softmax(logits.map((logit) => logit / temperature))
  const order = p.map((_, i) => i).sort((a, b) => p[b]! - p[a]! || a - b)
  const keep = (kept: number[]) => {
    const mass = kept.reduce((sum, i) => sum + p[i]!, 0)
    p = p.map((probability, i) => (kept.includes(i) ? probability / mass : 0))
  }
  if (topK > 0) keep(order.slice(0, topK))
  if (topP < 1) {
    let mass = 0
    keep(
      order.filter((i) => {
        const crossed = mass > 0 && mass >= topP
        mass += p[i]!
        return !crossed
      }),
    )
  }
  return p
}

const LOGITS = [2, 1.5, -1, 0.3, 0.25, -3, 1.1, -0.4]

const SETTINGS: Settings[] = [
  { temperature: 1 },
  { temperature: 0.6 },
  { temperature: 1.7 },
  { temperature: 1, topK: 3 },
  { temperature: 1, topP: 0.8 },
  { temperature: 0.6, topP: 0.95 },
  { temperature: 1, topK: 5, topP: 0.7 },
  { temperature: 1, topK: 1 },
  { temperature: 1, topP: 0 },
]

describe('draws', () => {
  it.each(SETTINGS)('as often as they should with %j', (settings) => {
    const expected = filtered(LOGITS, settings)
    const draw = createDraw(LOGITS.length)
    const { uniform } = randomStream(1, 'draws', JSON.stringify(settings))
    const logits = Float32Array.from(LOGITS)
    const N = 20_000
    const counts = LOGITS.map(() => 0)
    for (let i = 0; i < N; i++) counts[draw(logits, settings, uniform).token]!++
    const possible = expected.filter((p) => p > 0)
    const chiSquare = expected.reduce((sum, p, i) => {
      if (p === 0) expect(counts[i]).toBe(0)
      return p === 0 ? sum : sum + (counts[i]! - N * p) ** 2 / (N * p)
    }, 0)
    // Mean n - 1 and variance 2(n - 1): five deviations off is no accident.
    const freedom = possible.length - 1
    expect(chiSquare).toBeLessThanOrEqual(freedom + 5 * Math.sqrt(2 * freedom))
  })

  it('carry both log-probabilities: untempered, and of the distribution drawn from', () => {
    const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 30 })
    const settings = fc.record({
      temperature: fc.constantFrom(0.3, 0.6, 1, 2),
      // No simple fractions, at which equal logits meet the threshold to the last bit.
      topP: fc.constantFrom(0.1234, 0.5432, 0.9012, 0.9501, 1),
      topK: fc.constantFrom(0, 1, 2, 5, 50),
    })
    fc.assert(
      fc.property(logits, settings, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (raw, options, u) => {
        const rounded = Array.from(Float32Array.from(raw))
        const { token, logprob, samplingLogprob } = createDraw(raw.length)(
          Float32Array.from(raw),
          options,
          () => u,
        )
        expect(logprob).toBeCloseTo(Math.log(softmax(rounded)[token]!), 6)
        expect(samplingLogprob).toBeCloseTo(Math.log(filtered(rounded, options)[token]!), 6)
      }),
      { numRuns: 400, seed: 1 },
    )
  })

  it('top-p is a share of what top-k left, however long the tail', () => {
    // 0.4, three of 0.05, and a tail that holds nearly half in crumbs.
    const p = [0.4, 0.05, 0.05, 0.05, ...new Array<number>(996).fill(0.45 / 996)]
    const logits = Float32Array.from(p, Math.log)
    const settings = { temperature: 1, topK: 900, topP: 0.5 }
    const { samplingLogprob } = createDraw(p.length)(logits, settings, () => 0)
    expect(samplingLogprob).toBeCloseTo(Math.log(filtered(Array.from(logits), settings)[0]!), 5)
  })

  it('keep the token that crosses the threshold', () => {
    const logits = Float32Array.from([0.5, 0.3, 0.2], Math.log)
    const tokens = (topP: number) => {
      const draw = createDraw(3)
      const at = (u: number) => draw(logits, { temperature: 1, topP }, () => u).token
      return new Set(Array.from({ length: 100 }, (_, i) => at(i / 100)))
    }
    expect(tokens(0.4)).toEqual(new Set([0]))
    expect(tokens(0.6)).toEqual(new Set([0, 1]))
    expect(tokens(0.81)).toEqual(new Set([0, 1, 2]))
  })
})

describe('a large vocabulary', () => {
  const V = 20_000
  const { normal } = randomStream(1, 'large vocabulary')
  const weights = Float32Array.from(softmax(Array.from({ length: V }, () => 2 * normal())))
  const sorted = Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]! || a - b)
  const draw = createRowDraw(V)

  it.each([
    { topK: 0, topP: 0.95 },
    { topK: 0, topP: 0.2 },
    { topK: 300, topP: 1 },
    { topK: 15_000, topP: 0.6 },
  ])('is drawn from as if it were sorted: %j', ({ topK, topP }) => {
    const sum = (tokens: number[]) => tokens.reduce((total, token) => total + weights[token]!, 0)
    const most = sorted.slice(0, topK || V)
    const limit = topK > 0 ? topP * sum(most) : topP
    let mass = 0
    const kept = most.filter((token) => {
      const within = mass < limit
      mass += weights[token]!
      return within
    })
    for (const uniform of [0, 0.1, 0.37, 0.73, 0.999]) {
      let left = uniform * sum(kept)
      const expected = kept.find((token) => {
        left -= weights[token]!
        return left < 0
      })!
      const { token, samplingLogprob } = draw(
        weights,
        weights,
        { inverseTemperature: 1, topK, topP },
        uniform,
      )
      expect(token).toBe(expected)
      expect(samplingLogprob).toBeCloseTo(Math.log(weights[expected]! / sum(kept)), 9)
    }
  })

  it('is never sorted', () => {
    let reads = 0
    const counted = new Proxy(weights, {
      get(array, key) {
        reads++
        return array[key as unknown as number]
      },
    })
    draw(weights, counted, { inverseTemperature: 1, topK: 0, topP: 0.95 }, 0.5)
    expect(reads).toBeLessThan(5 * V)
  })
})

describe('greedy', () => {
  const greedy = (logits: number[]) => {
    const never = () => {
      throw new Error('no randomness is needed')
    }
    return { ...createDraw(logits.length)(Float32Array.from(logits), { temperature: 0 }, never) }
  }

  it('takes the likeliest token, with certainty', () => {
    expect(greedy(LOGITS)).toEqual({
      token: 0,
      logprob: expect.closeTo(Math.log(softmax(LOGITS)[0]!), 6),
      samplingLogprob: 0,
    })
  })

  it('takes the first of equals', () => {
    expect(greedy([0, 3, 3, 1]).token).toBe(1)
  })
})

describe('ties at the edge of top-k and top-p go to the first token', () => {
  it.each<Settings>([
    { temperature: 1, topK: 2 },
    { temperature: 1, topP: 0.5 },
  ])('%j', (settings) => {
    const draw = createDraw(4)
    const token = (u: number) => draw(new Float32Array(4), settings, () => u).token
    expect([token(0), token(0.49), token(0.51), token(0.999)]).toEqual([0, 0, 1, 1])
  })
})

describe('logits that are no ordinary numbers', () => {
  const uniform = () => 0.999_999
  const draw = createDraw(3)

  it.each(SETTINGS)('-Infinity is never drawn with %j', (settings) => {
    const { token, logprob } = draw(
      Float32Array.of(Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY),
      settings,
      uniform,
    )
    expect([token, logprob]).toEqual([1, 0])
  })

  it.each([
    [Number.NaN, 0, 0],
    [0, 0, Number.NaN],
    [0, Number.POSITIVE_INFINITY, 0],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ])('%d, %d, %d are an error of the engine, whatever the settings', (...logits) => {
    for (const settings of [...SETTINGS, { temperature: 0 }])
      expect(() => draw(Float32Array.from(logits), settings, uniform)).toThrow(EngineError)
  })
})

describe('likeliestTokens', () => {
  it('are the head of the sorted distribution', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 12 }),
        fc.nat(14),
        fc.nat(11),
        (logits, count, at) => {
          const token = at % logits.length
          const p = softmax(logits)
          const drawn = { token, logprob: Math.log(p[token]!) }
          const sorted = logits.map((_, i) => i).sort((a, b) => logits[b]! - logits[a]! || a - b)
          const found = likeliestTokens(logits, count, drawn)
          expect(found.map((one) => one.token)).toEqual(sorted.slice(0, count))
          for (const one of found) expect(one.logprob).toBeCloseTo(Math.log(p[one.token]!), 9)
        },
      ),
    )
  })
})
