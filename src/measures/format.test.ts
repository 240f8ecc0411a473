import { describe, expect, it } from 'vitest'
import { displayWidth, formatDuration, formatNumber, meanAndSpread, percent } from './format.ts'

it.each([
  [0, '0'],
  [1, '1'],
  [12.345, '12.3'],
  [0.5, '0.5'],
  [0.00123456, '0.00123'],
  [3e-6, '3e-6'],
  [1e-8, '1e-8'],
  [-7.3e-11, '0'],
  [1.25e-5, '1.25e-5'],
  [-0.25, '-0.25'],
  [999.6, '1,000'],
  [12345.678, '12,346'],
  [1234567, '1,234,567'],
  [100, '100'],
  [2.5e12, '2.5e12'],
  [Number.NaN, '–'],
])('formatNumber(%d)', (value, expected) => {
  expect(formatNumber(value)).toBe(expected)
})

it.each([
  [0.7104, '71.0 %'],
  [1, '100.0 %'],
  [Number.NaN, '–'],
])('percent(%d)', (value, expected) => {
  expect(percent(value)).toBe(expected)
})

it.each([
  [0.2, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [200, '3 min 20 s'],
  [3599.7, '1 h 00 min'],
  [3899, '1 h 05 min'],
  [7199, '2 h 00 min'],
  [-3, '0 s'],
  [Number.POSITIVE_INFINITY, '–'],
])('formatDuration(%d)', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected)
})

describe('meanAndSpread', () => {
  it('is the sample standard deviation', () => {
    expect(meanAndSpread([1, 2, 3, Number.NaN])).toEqual({ mean: 2, spread: 1, n: 3 })
    expect(meanAndSpread([5])).toEqual({ mean: 5, spread: 0, n: 1 })
    expect(meanAndSpread([])).toMatchObject({ mean: Number.NaN, n: 0 })
  })
})

it.each([
  ['abc', 3],
  ['用 7 得 60', 10],
  ['é', 1],
  ['e\u0301', 1],
  ['Ａ', 2],
])('displayWidth(%s)', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})
