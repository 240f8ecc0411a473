import { describe, expect, it } from 'vitest'
import { type AggregationOptions, tokenWeights } from './aggregation.ts'

const responses = [
  { tokens: 2, truncated: false },
  { tokens: 8, truncated: true },
  { tokens: 0, truncated: false },
  { tokens: 6, truncated: false },
]

describe('tokenWeights', () => {
  it.each<[AggregationOptions, number[]]>([
    [{ aggregation: 'grpo', maxTokens: 8 }, [1 / 8, 1 / 32, 0, 1 / 24]],
    [{ aggregation: 'dapo', maxTokens: 8 }, [1 / 16, 1 / 16, 0, 1 / 16]],
    [{ aggregation: 'dr_grpo', maxTokens: 8 }, [1 / 32, 1 / 32, 0, 1 / 32]],
    [{ aggregation: 'grpo', maxTokens: 8, maskTruncated: true }, [1 / 8, 0, 0, 1 / 24]],
    [{ aggregation: 'dapo', maxTokens: 8, maskTruncated: true }, [1 / 8, 0, 0, 1 / 8]],
    [{ aggregation: 'dr_grpo', maxTokens: 8, maskTruncated: true }, [1 / 32, 0, 0, 1 / 32]],
  ])('%o', (options, expected) => {
    expect(tokenWeights(responses, options)).toEqual(expected)
  })

  it('is all zeros where everything was cut off', () => {
    const cut = [{ tokens: 4, truncated: true }]
    for (const aggregation of ['grpo', 'dapo', 'dr_grpo'] as const)
      expect(tokenWeights(cut, { aggregation, maxTokens: 4, maskTruncated: true })).toEqual([0])
  })
})
