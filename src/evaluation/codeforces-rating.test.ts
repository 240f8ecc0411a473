import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HIGHEST_RATING, LOWEST_RATING, likeliestRating, percentile } from './codeforces-rating.ts'

describe('likeliestRating', () => {
  it.each([
    ['half of equal problems: their rating', [{ rating: 1500, tries: 10, solved: 5 }], 1500],
    ['ten of eleven: 400 above', [{ rating: 1500, tries: 11, solved: 10 }], 1900],
    [
      'half of two: between them',
      [
        { rating: 1200, tries: 1, solved: 1 },
        { rating: 1800, tries: 1, solved: 0 },
      ],
      1500,
    ],
    ['none tried', [{ rating: 1500, tries: 0, solved: 0 }], null],
    ['all solved: the upper bound', [{ rating: 1500, tries: 3, solved: 3 }], HIGHEST_RATING],
    ['none solved: the lower bound', [{ rating: 1500, tries: 3, solved: 0 }], LOWEST_RATING],
  ])('%s', (_, problems, rating) => {
    expect(likeliestRating(problems)).toBe(rating)
  })

  it('no other rating is likelier', () => {
    const problem = fc.record({
      rating: fc.integer({ min: 800, max: 3500 }),
      tries: fc.constant(4),
      solved: fc.nat(4),
    })
    fc.assert(
      fc.property(
        fc.array(problem, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 4000 }),
        (problems, other) => {
          const likelihood = (rating: number) =>
            problems.reduce((sum, { rating: d, tries, solved }) => {
              const p = 1 / (1 + 10 ** ((d - rating) / 400))
              return sum + solved * Math.log(p) + (tries - solved) * Math.log1p(-p)
            }, 0)
          expect(likelihood(likeliestRating(problems)!)).toBeGreaterThanOrEqual(likelihood(other) - 1e-4)
        },
      ),
    )
  })
})

it('percentile is the share of users below', () => {
  const users = [
    { rating: 1000, users: 6 },
    { rating: 1500, users: 3 },
    { rating: 2000, users: 1 },
  ]
  expect(percentile(1500, users)).toBe(0.6)
  expect(percentile(1501, users)).toBe(0.9)
  expect(percentile(9999, users)).toBe(1)
})
