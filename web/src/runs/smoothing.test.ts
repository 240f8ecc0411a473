import fc from 'fast-check'
import { expect, it } from 'vitest'
import { smoothed } from './smoothing.ts'

it('keeps a constant, gaps included, and stays within the values', () => {
  expect(smoothed([2, null, 2, 2], 0.9)).toEqual(
    [2, null, 2, 2].map((value) => value && expect.closeTo(value, 9)),
  )
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (values, weight) => {
        const [low, high] = [Math.min(...values), Math.max(...values)]
        expect(smoothed(values, weight).every((value) => value! >= low - 1e-9 && value! <= high + 1e-9)).toBe(
          true,
        )
      },
    ),
  )
})
