import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdvantageOptions, groupAdvantages, isDegenerate } from './advantages.ts'

const none = { epsilon: 0 }

describe('groupAdvantages', () => {
  const binary = [1, 0, 0, 1]
  const cases: [string, number[][], Partial<AdvantageOptions>, number[][]][] = [
    // mean 1/2, squares 4 · 1/4: population std 1/2, sample std √(1/3)
    ['population', [binary], { ...none, deviation: 'population' }, [[1, -1, -1, 1]]],
    ['sample', [binary], none, [[1, -1, -1, 1].map((x) => x * Math.sqrt(3 / 4))]],
    ['epsilon', [binary], { deviation: 'population', epsilon: 0.5 }, [[0.5, -0.5, -0.5, 0.5]]],
    ['Dr. GRPO', [[3, 1, 2]], { scale: 'none' }, [[1, -1, 0]]],
    // (2, 2) is left at 0 and yet counts in the batch's deviation: values 0, 4, 2, 2, mean 2, population std √2
    [
      'batch',
      [
        [0, 4],
        [2, 2],
      ],
      { ...none, scale: 'batch', deviation: 'population' },
      [
        [-Math.SQRT2, Math.SQRT2],
        [0, 0],
      ],
    ],
    ['RLOO', [[3, 0, 0]], { baseline: 'leaveOneOut', scale: 'none' }, [[3, -1.5, -1.5]]],
    ['REINFORCE', [[3, 0]], { baseline: 'none', scale: 'none' }, [[3, 0]]],
    ['all right', [[1, 1, 1]], none, [[0, 0, 0]]],
    ['a group of one', [[5]], none, [[0]]],
    ['RLOO of one', [[5]], { baseline: 'leaveOneOut', scale: 'none' }, [[0]]],
    ['no groups', [], {}, []],
  ]
  it.each(cases)('%s', (_, rewards, options, expected) => {
    const got = groupAdvantages(rewards, options)
    expect(got.map((group) => group.length)).toEqual(expected.map((group) => group.length))
    got.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(expected.flat()[i]!, 12)
    })
  })

  const reward = fc.double({ min: -10, max: 10, noNaN: true })
  const groups = fc.array(fc.array(reward, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 })
  const options = fc.record({
    baseline: fc.constantFrom('mean' as const, 'leaveOneOut' as const),
    scale: fc.constantFrom('group' as const, 'batch' as const, 'none' as const),
    deviation: fc.constantFrom('sample' as const, 'population' as const),
    epsilon: fc.constantFrom(1e-6, 1e-4),
  })

  it('sums to nothing in each group and keeps the order of the rewards', () => {
    fc.assert(
      fc.property(groups, options, (rewards, chosen) => {
        groupAdvantages(rewards, chosen).forEach((group, g) => {
          const scale = Math.max(1, ...group.map(Math.abs))
          expect(Math.abs(group.reduce((a, b) => a + b, 0)) / scale).toBeLessThan(1e-8)
          const order = rewards[g]!.map((_, i) => i).sort((i, j) => rewards[g]![i]! - rewards[g]![j]!)
          for (let k = 1; k < order.length; k++)
            expect(group[order[k]!]!).toBeGreaterThanOrEqual(group[order[k - 1]!]! - 1e-12 * scale)
        })
      }),
    )
  })

  it('is 0 for equal rewards, however rounding falls', () => {
    fc.assert(
      fc.property(reward, fc.integer({ min: 1, max: 20 }), options, (value, size, chosen) => {
        const group = new Array<number>(size).fill(value)
        expect(isDegenerate(group)).toBe(true)
        expect(groupAdvantages([group], { ...chosen, epsilon: 0 })).toEqual([group.map(() => 0)])
      }),
    )
  })
})
