import { expect, it } from 'vitest'
import { sparkline } from './sparkline.ts'

it.each([
  [[0, 1, 2, 3, 4, 5, 6, 7], '▁▂▃▄▅▆▇█'],
  [[7, null, 0, Number.NaN], '█ ▁ '],
  [[2, 2], '▄▄'],
  [[null], ' '],
  [[], ''],
])('%j', (values, line) => {
  expect(sparkline(values)).toBe(line)
})
