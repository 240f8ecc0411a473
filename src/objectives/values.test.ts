/** Losses over values and advantages from them: by hand, by finite differences, and TRL's (tools/value_golden.py). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateValueObjective, type ValuedSequence } from './evaluate-objective.ts'
import { generalizedAdvantages, whitened } from './generalized-advantages.ts'
import type { ValueObjective } from './objective.ts'
import { bradleyTerry, logistic } from './preference.ts'
import { clippedValueLoss } from './value-loss.ts'

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/golden/fixtures/trl-values.json'), 'utf8'),
) as {
  rewards: number[][]
  values: number[][]
  moved: number[][]
  cases: {
    name: string
    gamma: number
    lam: number
    cliprange_value: number
    advantages: number[][]
    returns: number[][]
    whitened: number[][]
    loss: number
    gradient: number[][]
  }[]
  pairs: { scores: [number[], number[]]; loss: number; gradient: [number[], number[]] }
}

const expectAll = (
  got: readonly ArrayLike<number>[],
  wanted: readonly (readonly number[])[],
  digits = 12,
) => {
  expect(got.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length))
  wanted.forEach((row, s) => {
    row.forEach((value, t) => {
      expect(got[s]![t]).toBeCloseTo(value, digits)
    })
  })
}

/** Two sequences a pair; the score is the value after the last token, whatever those before it are. */
function pairs(scores: readonly (readonly [number, number])[]): ValuedSequence[] {
  return scores.flatMap((pair) =>
    pair.map((score, side) => ({
      values: [1e3, score],
      weights: [0, 1 / scores.length],
      inputs: { side: [5, side === 0 ? 1 : -1], rival: [1e4, pair[1 - side]!] },
    })),
  )
}

describe('Bradley-Terry', () => {
  it('is log(1 + e^−margin) of a pair, and moves both scores apart alike', () => {
    const { loss, coefficients, statistics } = evaluateValueObjective(bradleyTerry, pairs([[2, 0.5]]))
    expect(loss).toBeCloseTo(Math.log(1 + Math.exp(-1.5)), 12)
    const pull = 1 / (1 + Math.exp(1.5))
    expectAll(coefficients, [
      [0, -pull],
      [0, pull],
    ])
    expect(statistics.accuracy).toBe(1)
    expect(evaluateValueObjective(bradleyTerry, pairs([[0, 3]])).statistics.accuracy).toBe(0)
  })

  it('two halves of a pair have the gradient of the whole', () => {
    const score = fc.double({ min: -30, max: 30, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 4 }), (scores) => {
        const mean = (pairs: typeof scores) =>
          pairs.reduce(
            (total, [c, r]) => total + Math.log1p(Math.exp(-Math.abs(c - r))) + Math.max(0, r - c),
            0,
          ) / pairs.length
        const got = evaluateValueObjective(bradleyTerry, pairs(scores))
        expect(got.loss).toBeCloseTo(mean(scores), 10)
        scores.forEach((pair, p) => {
          pair.forEach((_, side) => {
            const moved = (h: number) =>
              mean(
                scores.map(
                  (pair, i) => (i === p ? pair.with(side, pair[side]! + h) : pair) as [number, number],
                ),
              )
            const slope = (moved(1e-6) - moved(-1e-6)) / 2e-6
            expect(got.coefficients[2 * p + side]![1]).toBeCloseTo(slope, 6)
          })
        })
      }),
      { examples: [[[[0, 0]]], [[[7, 7]]]] },
    )
  })

  it("is TRL's reward loss", () => {
    const { scores, loss, gradient } = fixture.pairs
    const got = evaluateValueObjective(bradleyTerry, pairs(scores[0].map((c, i) => [c, scores[1][i]!])))
    expect(got.loss).toBeCloseTo(loss, 12)
    expectAll(
      got.coefficients,
      scores[0].flatMap((_, i) => [
        [0, gradient[0][i]!],
        [0, gradient[1][i]!],
      ]),
    )
  })
})

describe('logistic', () => {
  const labelled = (score: number, label: number): ValuedSequence => ({
    values: [-7, score],
    weights: [0, 1],
    inputs: { labels: [0, label] },
  })

  it.each([
    [2, 1, Math.log(1 + Math.exp(-2)), -1 / (1 + Math.exp(2)), 1],
    [2, 0, Math.log(1 + Math.exp(2)), 1 / (1 + Math.exp(-2)), 0],
    [-80, 1, 80, -1, 0],
    [80, 1, 0, 0, 1],
  ])('score %d, label %d', (score, label, loss, gradient, accuracy) => {
    const got = evaluateValueObjective(logistic, [labelled(score, label)])
    expect(got.loss).toBeCloseTo(loss, 12)
    expectAll(got.coefficients, [[0, gradient]])
    expect(got.statistics.accuracy).toBe(accuracy)
  })
})

describe('the loss of the critic', () => {
  const at = (value: number, old: number, target: number, clip = 0.2) =>
    evaluateValueObjective(clippedValueLoss(clip), [
      { values: [99, value], weights: [0, 1], inputs: { returns: [9, target], oldValues: [7, old] } },
    ])

  it('is half the squared error while the value is near the old one', () => {
    expect(at(1.1, 1, 2)).toMatchObject({
      loss: expect.closeTo(0.5 * 0.9 ** 2, 12),
      statistics: { clipShare: 0 },
    })
    expect(at(1.1, 1, 2).coefficients[0]![1]).toBeCloseTo(-0.9, 12)
  })

  it('lets a value that has moved too far toward the return rest', () => {
    const got = at(1.5, 1, 2)
    expect(got.loss).toBeCloseTo(0.5 * 0.8 ** 2, 12)
    expect(got.statistics.clipShare).toBe(1)
    expect(got.coefficients[0]![1]).toBeCloseTo(0, 12)
  })

  it('pulls one back that has moved away from it', () => {
    expect(at(0.5, 1, 2).coefficients[0]![1]).toBeCloseTo(-1.5, 12)
  })
})

describe('gradients', () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true })
  const row = fc.record({ value: number, old: number, target: number, label: fc.constantFrom(0, 1) })
  const objective = fc.constantFrom(clippedValueLoss(0.2), clippedValueLoss(5), logistic)

  it('are the finite differences of the value', () => {
    fc.assert(
      fc.property(
        objective,
        fc.array(row, { minLength: 1, maxLength: 4 }),
        (chosen: ValueObjective, rows) => {
          const at = (t: number, h: number) =>
            evaluateValueObjective(chosen, [
              {
                values: rows.map(({ value }, i) => value + (i === t ? h : 0)),
                weights: rows.map(() => 0.3),
                inputs: {
                  returns: rows.map(({ target }) => target),
                  oldValues: rows.map(({ old }) => old),
                  labels: rows.map(({ label }) => label),
                },
              },
            ])
          const got = at(0, 0)
          rows.forEach((_, t) => {
            const above = (at(t, 1e-6).loss - got.loss) / 1e-6
            const below = (got.loss - at(t, -1e-6).loss) / 1e-6
            const slope = got.coefficients[0]![t]!
            // At a kink the two sides differ, and the gradient is one of them.
            expect(Math.min(Math.abs(slope - above), Math.abs(slope - below))).toBeLessThan(1e-4)
          })
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('generalised advantages', () => {
  it('with γ = λ = 1 are the rewards to come less the value', () => {
    const got = generalizedAdvantages([0.5, 0, 2], [1, 3, -1], { gamma: 1, lambda: 1 })
    expectAll(
      [got.advantages, got.returns],
      [
        [1.5, -1, 3],
        [2.5, 2, 2],
      ],
    )
  })

  it('with λ = 0 are one step of the critic against the next', () => {
    const { advantages } = generalizedAdvantages([0.5, 0, 2], [1, 3, -1], { gamma: 0.5, lambda: 0 })
    expectAll([advantages], [[0.5 + 1.5 - 1, -0.5 - 3, 2 + 1]])
  })

  it('refuses values that are not one a token', () => {
    expect(() => generalizedAdvantages([1], [], { gamma: 1, lambda: 1 })).toThrow('0 values for 1')
  })
})

describe.each(fixture.cases)("TRL's PPO: $name", ({ gamma, lam, cliprange_value: clip, ...wanted }) => {
  const all = fixture.rewards.map((rewards, s) =>
    generalizedAdvantages(rewards, fixture.values[s]!, { gamma, lambda: lam }),
  )

  it('advantages, returns and whitening', () => {
    expectAll(
      all.map(({ advantages }) => advantages),
      wanted.advantages,
    )
    expectAll(
      all.map(({ returns }) => returns),
      wanted.returns,
    )
    // TRL's Bessel correction is a float32.
    expectAll(whitened(all.map(({ advantages }) => advantages)), wanted.whitened, 6)
  })

  it('loss of the critic', () => {
    const count = fixture.values.flat().length
    const got = evaluateValueObjective(
      clippedValueLoss(clip),
      fixture.moved.map((values, s) => ({
        values,
        weights: values.map(() => 1 / count),
        inputs: { returns: all[s]!.returns, oldValues: fixture.values[s]! },
      })),
    )
    expect(got.loss).toBeCloseTo(wanted.loss, 12)
    expectAll(got.coefficients, wanted.gradient)
  })
})
