import { describe, expect, it } from 'vitest'
import { type ImportanceCorrection, importanceWeights } from './importance-correction.ts'

/** Ratios π_old/π_sampler of 1, 4 and 1/2; of the sequence 2. */
const sampler = [-1, -2, -3]
const old = [-1, -2 + Math.log(4), -3 - Math.log(2)]

describe('importanceWeights', () => {
  it.each<[ImportanceCorrection, number[]]>([
    [{ mode: 'truncate', level: 'token', high: 2, low: 0 }, [1, 2, 0.5]],
    [{ mode: 'truncate', level: 'token', high: 2, low: 0.75 }, [1, 2, 0.75]],
    [{ mode: 'truncate', level: 'sequence', high: 3, low: 0 }, [2, 2, 2]],
    [{ mode: 'truncate', level: 'sequence', high: 1.5, low: 0 }, [1.5, 1.5, 1.5]],
    [{ mode: 'mask', level: 'token', high: 3, low: 0.6 }, [1, 0, 0]],
    [{ mode: 'mask', level: 'sequence', high: 3, low: 0 }, [2, 2, 2]],
    [{ mode: 'mask', level: 'sequence', high: 1.5, low: 0 }, [0, 0, 0]],
  ])('%o', (options, expected) => {
    importanceWeights(old, sampler, options).forEach((weight, t) => {
      expect(weight).toBeCloseTo(expected[t]!, 12)
    })
  })
})
