import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coefficients } from './coefficients.ts'
import { crossEntropy } from './cross-entropy.ts'
import { evaluateObjective, type ScoredSequence } from './evaluate-objective.ts'
import { type PolicyGradientOptions, policyGradient } from './policy-gradient.ts'

/** One token of weight 1 with π_old = 1/2, the given ratio to it and to the reference. */
function token(options: Partial<PolicyGradientOptions>, ratio: number, advantage: number, reference = 0.5) {
  const logprob = Math.log(0.5 * ratio)
  const value = evaluateObjective(policyGradient({ klWeight: 0, ...options }), [
    {
      logprobs: [logprob],
      weights: [1],
      inputs: {
        advantages: [advantage],
        oldLogprobs: [Math.log(0.5)],
        referenceLogprobs: [Math.log(reference)],
      },
    },
  ])
  return { ...value, gradient: value.coefficients[0]![0]!, logprob }
}

describe('the surrogates, by hand', () => {
  type Case = [string, Partial<PolicyGradientOptions>, number, number, number, number]
  it.each<Case>([
    // name, options, ρ, A, loss, ∂loss/∂log π
    ['inside the range', {}, 1.1, 2, -2.2, -2.2],
    ['clipped above', {}, 1.5, 2, -2.4, 0],
    ['A < 0 is not clipped above', {}, 1.5, -2, 3, 3],
    ['clipped below', {}, 0.5, -2, 1.6, 0],
    ['A > 0 is not clipped below', {}, 0.5, 2, -1, -1],
    ['clip higher', { clipHigh: 0.6 }, 1.5, 2, -3, -3],
    ['the paper with range 10', { clipLow: 10, clipHigh: 10 }, 10.5, 2, -21, -21],
    ['past the range 10', { clipLow: 10, clipHigh: 10 }, 12, 2, -22, 0],
    ['range 10 never clips below', { clipLow: 10, clipHigh: 10 }, 0.01, -2, 0.02, 0.02],
    ['ratio cap, A < 0', { ratioCap: 3 }, 5, -2, 6, 0],
    ['ratio cap within a wide range', { ratioCap: 3, clipHigh: 10 }, 5, -2, 6, 0],
    ['under the cap', { ratioCap: 3 }, 2.5, -2, 5, 5],
    ['the cap is not for A > 0', { ratioCap: 3, surrogate: 'unclipped' }, 5, 2, -10, -10],
    ['unclipped', { surrogate: 'unclipped' }, 5, 2, -10, -10],
    ['no ratio', { ratio: 'none' }, 5, 2, -2, -2],
    ['zero advantage', {}, 1.5, 0, 0, 0],
  ])('%s', (_, options, ratio, advantage, loss, gradient) => {
    const got = token(options, ratio, advantage)
    expect(got.loss).toBeCloseTo(loss, 12)
    expect(got.gradient).toBeCloseTo(gradient, 12)
  })

  it('CISPO keeps the gradient of clipped tokens', () => {
    const options = { surrogate: 'cispo', clipHigh: 0.5, clipLow: 0.5 } as const
    for (const [ratio, weight] of [
      [4, 1.5],
      [1.2, 1.2],
      [0.1, 0.5],
    ] as const) {
      const got = token(options, ratio, -2)
      expect(got.gradient).toBeCloseTo(2 * weight, 12)
      expect(got.loss).toBeCloseTo(2 * weight * got.logprob, 12)
    }
    expect(token({ ...options, clipLow: 1 }, 0.1, 2).gradient).toBeCloseTo(-0.2, 12)
  })

  it('dual clip and two-sided clip are the ratio cap', () => {
    const inRange = fc.double({ min: 0.05, max: 8, noNaN: true })
    const advantage = fc.double({ min: -3, max: 3, noNaN: true })
    fc.assert(
      fc.property(inRange, advantage, (ratio, A) => {
        const clipped = Math.min(ratio * A, Math.min(Math.max(ratio, 0.8), 1.2) * A)
        const dual = A < 0 ? Math.max(clipped, 3 * A) : clipped
        const twoSided = Math.min(Math.min(ratio, 3) * A, Math.min(Math.max(ratio, 0.8), 1.2) * A)
        const { loss } = token({ ratioCap: 3 }, ratio, A)
        expect(loss).toBeCloseTo(-dual, 9)
        expect(loss).toBeCloseTo(-twoSided, 9)
      }),
    )
  })
})

describe('the KL term, by hand', () => {
  // d = log π_ref − log π_θ = log 2, with π_θ = 1/4 and π_ref = 1/2
  const d = Math.log(2)
  it.each<[Partial<PolicyGradientOptions>, number, number]>([
    [{ klEstimator: 'k1' }, -d, 1],
    [{ klEstimator: 'abs' }, d, -1],
    [{ klEstimator: 'k2' }, (d * d) / 2, -d],
    [{ klEstimator: 'k3' }, 2 - d - 1, 1 - 2],
    // ρ · k3 with ρ = 1/2; its derivative is ρ (k3 + 1 − e^d) = −ρ d
    [{ klEstimator: 'k3', klUnbiased: true }, (1 - d) / 2, -d / 2],
    [{ klEstimator: 'k1', klUnbiased: true, ratio: 'none' }, -d, 1 - d],
  ])('%o', (options, value, gradient) => {
    const got = token({ klWeight: 0.1, ...options }, 0.5, 0)
    expect(got.loss).toBeCloseTo(0.1 * value, 12)
    expect(got.gradient).toBeCloseTo(0.1 * gradient, 12)
    expect(got.statistics.kl).toBeCloseTo(
      options.klUnbiased && options.klEstimator === 'k3' ? 1 - d : value,
      12,
    )
  })

  it('k1 and k3 agree in expectation, and unbiased KL has the gradient of the true KL', () => {
    const softmax = (z: number[]) => {
      const total = z.reduce((sum, x) => sum + Math.exp(x), 0)
      return z.map((x) => Math.exp(x) / total)
    }
    const logits = [0.3, -1, 0.8]
    const reference = softmax([0, 0.5, -0.2])
    const policy = softmax(logits)
    const trueKl = (p: number[]) => p.reduce((sum, x, i) => sum + x * Math.log(x / reference[i]!), 0)
    // One sequence a token, weighted by its probability: an expectation. The ratio is 1, and yet has a gradient.
    const expectation = (options: Partial<PolicyGradientOptions>) =>
      evaluateObjective(
        policyGradient({ klWeight: 1, ratio: 'none', ...options }),
        policy.map((p, i) => ({
          logprobs: [Math.log(p)],
          weights: [p],
          inputs: { advantages: [0], referenceLogprobs: [Math.log(reference[i]!)] },
        })),
      )
    for (const klEstimator of ['k1', 'k3'] as const) {
      const { loss, coefficients: byToken } = expectation({ klEstimator, klUnbiased: true })
      // The advantage is 0, so all of the loss is the KL.
      expect(loss).toBeCloseTo(trueKl(policy), 12)
      logits.forEach((_, j) => {
        const gradient = byToken.reduce((sum, [c], i) => sum + c! * ((i === j ? 1 : 0) - policy[j]!), 0)
        const shifted = (h: number) => trueKl(softmax(logits.map((z, i) => (i === j ? z + h : z))))
        expect(gradient).toBeCloseTo((shifted(1e-5) - shifted(-1e-5)) / 2e-5, 8)
      })
    }
  })
})

describe('sequences', () => {
  const sequences = (advantages: number[][]): ScoredSequence[] => [
    {
      logprobs: [-9, -1, -2.1, -0.4],
      weights: [0, 1 / 3, 1 / 3, 1 / 3],
      inputs: { advantages: [7, ...advantages[0]!], oldLogprobs: [0, -1.3, -2, -0.5] },
    },
    {
      logprobs: [-0.5, -1.5],
      weights: [0.5, 0.5],
      inputs: { advantages: advantages[1]!, oldLogprobs: [-0.6, -1] },
    },
  ]
  const one = sequences([
    [2, 2, 2],
    [-1, -1],
  ])
  // Mean log-ratios over trained tokens: (0.3 − 0.1 + 0.1) / 3 = 0.1 and (0.1 − 0.5) / 2 = −0.2
  const wide = { klWeight: 0, clipLow: 0.5, clipHigh: 0.5 }

  it('GSPO takes the geometric mean of the ratios', () => {
    const got = evaluateObjective(policyGradient({ ...wide, ratio: 'sequence' }), one)
    expect(got.loss).toBeCloseTo(-2 * Math.exp(0.1) + Math.exp(-0.2), 12)
    expect([...got.coefficients[0]!]).toEqual([
      -0,
      ...new Array(3).fill(expect.closeTo((-2 * Math.exp(0.1)) / 3)),
    ])
    expect([...got.coefficients[1]!]).toEqual(new Array(2).fill(expect.closeTo(Math.exp(-0.2) / 2)))
  })

  it('GSPO-token is GSPO where a sequence has one advantage, else each token has its own', () => {
    const token = policyGradient({ ...wide, ratio: 'sequenceToken' })
    const same = evaluateObjective(policyGradient({ ...wide, ratio: 'sequence' }), one)
    const got = evaluateObjective(token, one)
    expect(got.loss).toBeCloseTo(same.loss, 12)
    expect([...got.coefficients[1]!]).toEqual([...same.coefficients[1]!].map((c) => expect.closeTo(c, 12)))
    const [, each] = evaluateObjective(
      token,
      sequences([
        [2, 2, 2],
        [-1, 3],
      ]),
    ).coefficients
    expect([...each!]).toEqual([
      expect.closeTo(Math.exp(-0.2) / 2, 12),
      expect.closeTo((-3 * Math.exp(-0.2)) / 2, 12),
    ])
  })

  it('off-policy masking drops sequences with A < 0 that have drifted', () => {
    const at = (offPolicyThreshold: number | null) =>
      evaluateObjective(policyGradient({ ...wide, offPolicyThreshold }), one).coefficients.map((c) =>
        c.some((x) => x !== 0),
      )
    expect(at(null)).toEqual([true, true])
    expect(at(0.3)).toEqual([true, true])
    // A > 0 stays whatever its drift (−0.1); the other's is 0.2.
    expect(at(0.1)).toEqual([true, false])
    expect(at(-1)).toEqual([true, false])
  })

  it('leaves tokens of weight 0 out of everything, whatever they carry', () => {
    const wild = one.map((sequence) => ({ ...sequence }))
    wild[0] = {
      ...one[0]!,
      logprobs: [-1e4, ...Array.from(one[0]!.logprobs).slice(1)],
      inputs: { ...one[0]!.inputs, oldLogprobs: [1e4, -1.3, -2, -0.5] },
    }
    for (const ratio of ['token', 'sequence'] as const) {
      const objective = policyGradient({ ...wide, ratio })
      expect(evaluateObjective(objective, wild)).toEqual(evaluateObjective(objective, one))
    }
  })

  it('reports means over trained tokens', () => {
    const { statistics } = evaluateObjective(
      policyGradient({ klWeight: 0, clipLow: 0.2, clipHigh: 0.2, ratioCap: 1.05 }),
      one,
    )
    const ratios = [0.3, -0.1, 0.1, 0.1, -0.5].map(Math.exp)
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / 5
    expect(statistics).toEqual({
      ratio: expect.closeTo(mean(ratios), 12),
      oldKl: expect.closeTo(mean(ratios.map((r) => r - 1 - Math.log(r))), 12),
      clipHigh: expect.closeTo(1 / 5),
      clipLow: expect.closeTo(1 / 5),
      clipCap: expect.closeTo(1 / 5),
    })
  })
})

describe('gradients', () => {
  const logprob = fc.double({ min: -4, max: -0.01, noNaN: true })
  const row = fc.record({
    logprob,
    old: logprob,
    reference: logprob,
    entropy: fc.double({ min: 0, max: 2, noNaN: true }),
    advantage: fc.double({ min: -2, max: 2, noNaN: true }),
    weight: fc.constantFrom(0, 0.25, 0.5),
  })
  const options = fc.record({
    surrogate: fc.constantFrom('clip' as const, 'unclipped' as const),
    ratio: fc.constantFrom('token' as const, 'sequence' as const),
    clipLow: fc.constantFrom(0.2, 10),
    clipHigh: fc.constantFrom(0.28, 10),
    ratioCap: fc.constantFrom(null, 3),
    klWeight: fc.constantFrom(0, 0.1),
    klEstimator: fc.constantFrom('k1' as const, 'k2' as const, 'k3' as const),
    klUnbiased: fc.boolean(),
    entropyWeight: fc.constantFrom(0, 0.01),
  })

  it('are the finite differences of the value, for every option without a stopped gradient', () => {
    fc.assert(
      fc.property(options, fc.array(row, { minLength: 1, maxLength: 4 }), (chosen, rows) => {
        const objective = policyGradient(chosen)
        const at = (t: number, h: number, field: 'logprob' | 'entropy') => {
          const moved = rows.map((r, i) => (i === t ? { ...r, [field]: r[field] + h } : r))
          return evaluateObjective(objective, [
            {
              logprobs: moved.map((r) => r.logprob),
              weights: moved.map((r) => r.weight),
              entropies: moved.map((r) => r.entropy),
              inputs: {
                advantages: moved.map((r) => r.advantage),
                oldLogprobs: moved.map((r) => r.old),
                referenceLogprobs: moved.map((r) => r.reference),
              },
            },
          ])
        }
        const got = at(0, 0, 'logprob')
        rows.forEach((_, t) => {
          for (const [field, coefficient] of [
            ['logprob', got.coefficients[0]![t]!],
            ['entropy', got.entropyCoefficients[0]![t]!],
          ] as const) {
            const above = (at(t, 1e-6, field).loss - got.loss) / 1e-6
            const below = (got.loss - at(t, -1e-6, field).loss) / 1e-6
            // At a kink of min or clip the two sides differ, and the gradient is one of them.
            const error = Math.min(Math.abs(coefficient - above), Math.abs(coefficient - below))
            expect(error).toBeLessThan(1e-3 * Math.max(1, Math.abs(coefficient)))
          }
        })
      }),
      { numRuns: 40 },
    )
  })

  it('stay in float32 range and pull back where a token has left the reference altogether', () => {
    const got = token({ klWeight: 0.1 }, 1e-60, 1)
    expect(got.gradient).toBeCloseTo(0.1 - 0.1 * Math.exp(20), 6)
    expect(got.loss).toBeLessThan(1e12)
  })
})

describe('other objectives', () => {
  it('cross-entropy is −weight · log π', () => {
    const got = evaluateObjective(crossEntropy, [{ logprobs: [-1, -2, -4], weights: [0, 0.25, 0.5] }])
    expect(got).toMatchObject({ loss: 2.5, statistics: {} })
    expect([...got.coefficients[0]!]).toEqual([-0, -0.25, -0.5])
  })

  it('coefficients give any objective its gradient back', () => {
    const sequence = {
      logprobs: [-1, -2, -0.4],
      weights: [0.2, 0.2, 0.2],
      inputs: { advantages: [1, 1, 1], oldLogprobs: [-1.1, -2, -0.9], referenceLogprobs: [-1, -1, -1] },
    }
    const wanted = evaluateObjective(policyGradient(), [sequence]).coefficients
    const got = evaluateObjective(coefficients, [
      { logprobs: sequence.logprobs, weights: [1, 1, 1], inputs: { coefficients: wanted[0]! } },
    ])
    expect(got.coefficients).toEqual(wanted)
  })

  it('a missing or short input is named', () => {
    const short = { logprobs: [-1, -1], weights: [1, 1], inputs: { coefficients: [1] } }
    expect(() => evaluateObjective(coefficients, [short])).toThrow('1 coefficients for 2 weights')
    expect(() => evaluateObjective(coefficients, [{ ...short, inputs: {} }])).toThrow('0 coefficients for 2')
  })

  it('an empty batch is nothing', () => {
    expect(evaluateObjective(crossEntropy, [])).toMatchObject({ loss: 0, coefficients: [] })
  })

  it('objectives of one key are the same expression', () => {
    expect(policyGradient({ clipHigh: 0.28, clipLow: 0.2 }).key).toBe(
      policyGradient({ clipLow: 0.2, clipHigh: 0.28 }).key,
    )
    expect(policyGradient({ clipHigh: 0.28 }).key).not.toBe(policyGradient().key)
    const more = { clipHigh: 0.2, learningRate: 1 }
    expect(policyGradient(more).key).toBe(policyGradient().key)
    expect(policyGradient({ ratio: 'none', klWeight: 0 }).inputs).toEqual(['advantages'])
    expect(policyGradient().inputs).toEqual(['advantages', 'oldLogprobs', 'referenceLogprobs'])
  })
})
