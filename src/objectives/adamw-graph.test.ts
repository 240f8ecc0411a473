/** The update on the CPU, as training runs it; test of all runtimes: runtime/runtime.test.ts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReferenceAdamWState, referenceAdamW } from '../engine/reference/adamw.ts'
import { randomStream } from '../random.ts'
import { createOnnxRuntime } from '../runtime/onnx-runtime.ts'
import type { AdamW } from './adamw.ts'
import { adamwFeeds, adamwGraph, adamwStates } from './adamw-graph.ts'

const settings: AdamW = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 0,
  weightDecay: 0,
  gradientClipNorm: 0,
}

/** Parameters `decayed` and `plain` of `size` numbers each. */
async function optimizer(size: number, weights: number[]) {
  const runtime = createOnnxRuntime()
  const parameters = [
    { name: 'plain', shape: [size], decayed: false },
    { name: 'decayed', shape: [size], decayed: true },
  ]
  const states = Object.fromEntries(
    parameters.flatMap(({ name, shape }) =>
      [name, ...Object.values(adamwStates(name))].map((held) => [held, runtime.create(shape)]),
    ),
  )
  parameters.forEach(({ name }, i) => {
    states[name]!.write(Float32Array.from(weights.slice(i * size, (i + 1) * size)))
  })
  const program = await runtime.compile(adamwGraph(parameters))
  return {
    async update(gradient: readonly number[], adamw: AdamW, step: number) {
      parameters.forEach(({ name }, i) => {
        const own = Float32Array.from(gradient.slice(i * size, (i + 1) * size))
        states[adamwStates(name).gradient]!.write(own)
      })
      return (await program.run({ feeds: adamwFeeds(adamw, step), states })).gradientNorm![0]!
    },
    read: async () => [...(await states.plain!.read()), ...(await states.decayed!.read())],
  }
}

describe('an update', () => {
  it('two steps by hand', async () => {
    const { update, read } = await optimizer(1, [1, 0])
    // m = 0.2, v = 0.04; corrected 2 and 4: the first step is the sign.
    await update([2, 1], settings, 1)
    expect((await read())[0]).toBeCloseTo(0.9, 6)
    // m = 0.9·0.2 - 0.1·1 = 0.08, over 0.19; v = 0.99·0.04 + 0.01·1 = 0.0496, over 0.0199.
    await update([-1, 1], settings, 2)
    expect((await read())[0]).toBeCloseTo(0.9 - (0.1 * (0.08 / 0.19)) / Math.sqrt(0.0496 / 0.0199), 6)
  })

  it('decays what is to decay and nothing else, by rate times decay', async () => {
    const { update, read } = await optimizer(2, [10, 10, 10, 10])
    await update([0, 0, 0, 0], { ...settings, weightDecay: 0.5, epsilon: 1e-8 }, 1)
    expect(await read()).toEqual([10, 10, 9.5, 9.5])
  })

  it('follows the float64 reference over many steps, clipping and decay included', async () => {
    const rates = fc.record({
      learningRate: fc.constantFrom(1e-4, 1e-2),
      beta1: fc.constantFrom(0, 0.9),
      beta2: fc.constantFrom(0.95, 0.999),
      epsilon: fc.constantFrom(1e-8, 1e-3),
      weightDecay: fc.constantFrom(0, 0.1),
      gradientClipNorm: fc.constantFrom(0, 1),
    })
    await fc.assert(
      fc.asyncProperty(rates, fc.integer(), async (adamw, seed) => {
        const n = 12
        const { normal } = randomStream(seed, 'adamw')
        const exact = Float64Array.from({ length: n }, () => Math.fround(normal()))
        const state = createReferenceAdamWState(n)
        const { update, read } = await optimizer(n / 2, Array.from(exact))
        for (let step = 1; step <= 10; step++) {
          const gradient = Array.from({ length: n }, () => Math.fround(normal()))
          const norm = await update(gradient, adamw, step)
          const expected = referenceAdamW(exact, Float64Array.from(gradient), state, adamw, (i) => i >= n / 2)
          expect(norm).toBeCloseTo(expected, 5)
        }
        const weights = await read()
        exact.forEach((value, i) => {
          expect(weights[i]).toBeCloseTo(value, 5)
        })
      }),
      { numRuns: 20, seed: 1 },
    )
  })
})
