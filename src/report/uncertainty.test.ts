import { describe, expect, it } from 'vitest'
import { randomStream } from '../random.ts'
import { estimate, pairedDifference, type Values } from './uncertainty.ts'

const values = (...numbers: number[]): Values => new Map(numbers.map((value, i) => [String(i), value]))

describe('estimate', () => {
  it('has the error of the questions, of one seed', () => {
    // Standard deviation 0.5 of four values: 1.96 · 0.5774 / 2.
    expect(estimate([values(0, 1, 0, 1)])).toEqual({ mean: 0.5, half: expect.closeTo(0.5658, 4) })
  })

  it('and of the seeds, where there are several', () => {
    // Questions agree, seeds do not: t of two degrees of freedom times 0.1 / √3.
    const { mean, half } = estimate([values(0.4, 0.4), values(0.5, 0.5), values(0.6, 0.6)])!
    expect([mean, half]).toEqual([expect.closeTo(0.5, 9), expect.closeTo(4.3 * (0.1 / Math.sqrt(3)), 9)])
  })

  it('is of the questions that all seeds answered', () => {
    expect(estimate([values(1, 1, 0), values(1, 1)])?.mean).toBe(1)
    expect(estimate([values(1)])).toBeUndefined()
    expect(estimate([])).toBeUndefined()
  })

  it('holds the true mean in about 95 of 100 experiments', () => {
    const { normal } = randomStream(1, 'coverage')
    const inside = Array.from({ length: 400 }, () => {
      const questions = Array.from({ length: 40 }, () => normal())
      const seeds = Array.from({ length: 4 }, () => {
        const seed = 0.3 * normal()
        return values(...questions.map((question) => question + seed + 0.5 * normal()))
      })
      const { mean, half } = estimate(seeds)!
      return Math.abs(mean) < half
    })
    const share = inside.filter(Boolean).length / inside.length
    expect(share).toBeGreaterThan(0.92)
  })
})

describe('pairedDifference', () => {
  it('does not count what makes a question hard for both', () => {
    const before = values(0, 0.3, 0.6, 0.9)
    const after = values(0.1, 0.4, 0.7, 1)
    expect(pairedDifference([before], [after])).toEqual({
      mean: expect.closeTo(0.1, 9),
      half: expect.closeTo(0, 9),
    })
    expect(estimate([after])!.half).toBeGreaterThan(0.3)
  })
})
