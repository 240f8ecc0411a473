import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AdamW } from '../../objectives/adamw.ts'
import { randomStream } from '../../random.ts'
import { createReferenceAdamWState, referenceAdamW } from '../reference/adamw.ts'
import { adamwUpdate, createAdamWState, l2Norm } from './adamw.ts'

const settings: AdamW = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 0,
  weightDecay: 0,
  gradientClipNorm: 0,
}

describe('adamwUpdate', () => {
  it('two steps by hand', () => {
    const weights = Float32Array.of(1)
    const state = createAdamWState(1)
    // m = 0.2, v = 0.04; corrected 2 and 4: the first step is the sign.
    adamwUpdate(weights, Float32Array.of(2), state, settings, 1, [])
    expect(weights[0]).toBeCloseTo(0.9, 6)
    // m = 0.9·0.2 - 0.1·1 = 0.08, over 0.19; v = 0.99·0.04 + 0.01·1 = 0.0496, over 0.0199.
    adamwUpdate(weights, Float32Array.of(-1), state, settings, 1, [])
    expect(weights[0]).toBeCloseTo(0.9 - (0.1 * (0.08 / 0.19)) / Math.sqrt(0.0496 / 0.0199), 6)
    expect(state.step).toBe(2)
  })

  it('decays the given ranges and nothing else, by rate times decay', () => {
    const weights = new Float32Array(6).fill(10)
    const gradient = new Float32Array(6)
    const decay = { ...settings, weightDecay: 0.5, epsilon: 1e-8 }
    adamwUpdate(weights, gradient, createAdamWState(6), decay, 1, [
      [1, 2],
      [4, 6],
    ])
    expect(Array.from(weights)).toEqual([10, 9.5, 10, 10, 9.5, 9.5])
  })

  it('scales the gradient before anything else', () => {
    const [a, b] = [createAdamWState(1), createAdamWState(1)]
    adamwUpdate(new Float32Array(1), Float32Array.of(8), a, settings, 0.25, [])
    adamwUpdate(new Float32Array(1), Float32Array.of(2), b, settings, 1, [])
    expect(a).toEqual(b)
  })

  it('follows the float64 reference over many steps, clipping and decay included', () => {
    const rates = fc.record({
      learningRate: fc.constantFrom(1e-4, 1e-2),
      beta1: fc.constantFrom(0, 0.9),
      beta2: fc.constantFrom(0.95, 0.999),
      epsilon: fc.constantFrom(1e-8, 1e-3),
      weightDecay: fc.constantFrom(0, 0.1),
      gradientClipNorm: fc.constantFrom(0, 1),
    })
    fc.assert(
      fc.property(rates, fc.integer(), (adamw, seed) => {
        const n = 12
        const { normal } = randomStream(seed, 'adamw')
        const weights = Float32Array.from({ length: n }, normal)
        const exact = Float64Array.from(weights)
        const state = createAdamWState(n)
        const exactState = createReferenceAdamWState(n)
        for (let step = 0; step < 10; step++) {
          const gradient = Float32Array.from({ length: n }, normal)
          const norm = l2Norm(gradient)
          const limit = adamw.gradientClipNorm
          const scale = limit > 0 && norm > limit ? limit / norm : 1
          adamwUpdate(weights, gradient, state, adamw, scale, [[3, 7]])
          const exactNorm = referenceAdamW(
            exact,
            Float64Array.from(gradient),
            exactState,
            adamw,
            (i) => i >= 3 && i < 7,
          )
          expect(norm).toBeCloseTo(exactNorm, 10)
        }
        exact.forEach((value, i) => {
          expect(weights[i]).toBeCloseTo(value, 5)
        })
      }),
      { numRuns: 30, seed: 1 },
    )
  })
})
