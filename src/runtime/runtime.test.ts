/** Every runtime against the float64 interpreter: operations and their gradients, state, and whole steps of models. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CASES, KERNEL_CASES, operationCase } from '../../test/operation-cases.ts'
import { softwareGpu, softwareGpuMissing } from '../../test/software-gpu.ts'
import { differentiate } from '../graph/differentiate.ts'
import { evaluate } from '../graph/evaluate.ts'
import * as g from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { adamwFeeds, adamwGraph, adamwStates } from '../objectives/adamw-graph.ts'
import { createFloat64Runtime } from './float64-runtime.ts'
import { createOnnxRuntime } from './onnx-runtime.ts'
import type { Runtime } from './runtime.ts'
import { createWebgpuRuntime, type WebgpuOptions } from './webgpu-runtime.ts'

const gpuMissing = await softwareGpuMissing()
const webgpu = (options: WebgpuOptions) => async () => createWebgpuRuntime(await softwareGpu(), options)
/** So small that most tensors take several windows, buffers and rounds of workgroups. */
const SMALL = { bindingBytes: 16_384, bufferBytes: 32_768, storageBuffers: 8, workgroups: 5 }

const RUNTIMES: [name: string, open: () => Promise<Runtime>, missing?: string | undefined][] = [
  ['float64', async () => createFloat64Runtime()],
  ['ONNX Runtime', async () => createOnnxRuntime()],
  ['WebGPU, threads apart', webgpu({ cooperative: false }), gpuMissing],
  ['WebGPU, threads together', webgpu({ cooperative: true }), gpuMissing],
  ['WebGPU, small limits', webgpu({ limits: SMALL }), gpuMissing],
]

/** Software adapters compile hundreds of shaders on a machine that may be busy. */
const COMPILING = 300_000

const settings = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradientClipNorm: 1,
}

describe.each(RUNTIMES)('%s', (_, open, missing) => {
  if (missing !== undefined) {
    it.skip(missing, () => {})
    return
  }
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await open()
  })
  afterAll(() => runtime.close())

  it(
    'computes every operation and its gradient',
    async () => {
      const cases = [...CASES, ...KERNEL_CASES].map((example, i) => operationCase(example, `c${i}_`))
      const outputs: Record<string, Tensor> = {}
      for (const { name, y, gradients } of cases) {
        outputs[name] = y
        gradients.forEach((gradient, i) => {
          outputs[`gradient ${i} of ${name}`] = gradient
        })
      }
      const feeds = Object.assign({}, ...cases.map((example) => example.feeds))
      const program = await runtime.compile({ outputs })
      const results = await program.run(feeds)
      program.close()
      const expected = evaluate(Object.values(outputs), feeds)
      Object.keys(outputs).forEach((output, i) => {
        expect(relativeError(results[output]!, expected[i]!), output).toBeLessThan(1e-5)
      })
    },
    COMPILING,
  )

  it('gives the same bytes in every run', async () => {
    const x = g.input('x', [300, 9])
    const places = g.constant(
      Array.from({ length: 300 }, (_, i) => (i * 7) % 11),
      [300],
      'int64',
    )
    const program = await runtime.compile({ outputs: { y: g.scatterAdd(11, places, x), s: g.sum(x) } })
    const feeds = { x: Float32Array.from({ length: 2700 }, (_, i) => Math.sin(i * i)) }
    const first = await program.run(feeds)
    for (let i = 0; i < 3; i++) expect(await program.run(feeds)).toEqual(first)
  })

  it('keeps state between runs, and a graph sees it as it was before', async () => {
    runtime.create('a', [3])
    runtime.create('b', [3])
    runtime.write('a', Float32Array.of(1, 2, 3))
    const [a, b] = [g.input('a', [3]), g.input('b', [3])]
    const program = await runtime.compile({
      outputs: { sum: g.sum(a) },
      // b takes what a was, and a what b was and more.
      assign: { b: a, a: g.add(g.add(a, b), g.input('x', [3])) },
    })
    expect(await program.run({ x: Float32Array.of(1, 1, 1) })).toEqual({ sum: Float32Array.of(6) })
    expect(await runtime.read('b')).toEqual(Float32Array.of(1, 2, 3))
    expect(await runtime.read('a')).toEqual(Float32Array.of(2, 3, 4))
    await program.run({ x: Float32Array.of(0, 0, 0) })
    expect(await runtime.read('b')).toEqual(Float32Array.of(2, 3, 4))
    expect(await runtime.read('a')).toEqual(Float32Array.of(3, 5, 7))
  })

  it('adds gradients up and updates weights with AdamW, as in float64', async () => {
    const oracle = createFloat64Runtime()
    const parameters = [
      { name: 'w', shape: [6, 5], decayed: true },
      { name: 'gain', shape: [5], decayed: false },
    ]
    const [w, gain, x] = [g.input('w', [6, 5]), g.input('gain', [5]), g.input('x', [4, 5])]
    const loss = g.sum(g.exp(g.linear(g.mul(x, gain), w)))
    const gradients = differentiate(loss, [w, gain])
    const assign = Object.fromEntries(
      parameters.map(({ name, shape }, i) => {
        const state = adamwStates(name).gradient
        return [state, g.add(g.input(state, shape), gradients[i]!)]
      }),
    )
    const states = parameters.flatMap(({ name, shape }) =>
      [name, ...Object.values(adamwStates(name))].map((state) => ({ state, shape })),
    )
    const run = async (on: Runtime) => {
      for (const { state, shape } of states) on.create(state, shape)
      on.write(
        'w',
        Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
      )
      on.write(
        'gain',
        Float32Array.from({ length: 5 }, (_, i) => 1 + i / 10),
      )
      const accumulate = await on.compile({ outputs: { loss }, assign })
      const update = await on.compile(adamwGraph(parameters))
      const seen: number[] = []
      for (let step = 1; step <= 3; step++) {
        for (const micro of [0, 1]) {
          const feed = Float32Array.from({ length: 20 }, (_, i) => Math.cos(i * step + micro) / 3)
          seen.push((await accumulate.run({ x: feed })).loss![0]!)
        }
        seen.push((await update.run(adamwFeeds(settings, step))).gradientNorm![0]!)
      }
      for (const { state } of states) seen.push(...(await on.read(state)))
      return seen
    }
    const [got, expected] = [await run(runtime), await run(oracle)]
    expect(relativeError(got, expected)).toBeLessThan(1e-5)
    expect(expected.slice(-20).every((value) => value === 0)).toBe(false)
  })

  it('drops a gradient that is not finite, and clears it', async () => {
    const parameters = [{ name: 'p', shape: [4], decayed: false }]
    const states = adamwStates('p')
    for (const state of ['p', ...Object.values(states)]) runtime.create(state, [4])
    runtime.write('p', Float32Array.of(1, 2, 3, 4))
    const update = await runtime.compile(adamwGraph(parameters))
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      runtime.write(states.gradient, Float32Array.of(1, wrong, 1, 1))
      const { gradientNorm } = await update.run(adamwFeeds(settings, 1))
      expect(Number.isFinite(gradientNorm![0]!)).toBe(false)
      expect(await runtime.read('p')).toEqual(Float32Array.of(1, 2, 3, 4))
      expect(await runtime.read(states.gradient)).toEqual(new Float32Array(4))
    }
  })

  it('says what is missing', async () => {
    expect(() => runtime.write('nothing', new Float32Array(1))).toThrow('no state is called nothing')
    const program = await runtime.compile({ outputs: { y: g.neg(g.input('fed', [2])) } })
    await expect(program.run({})).rejects.toThrow(/fed/)
    runtime.create('two', [2])
    expect(() => runtime.write('two', new Float32Array(3))).toThrow('two takes 2 numbers, not 3')
  })
})

/** Of the difference's L2 norm to that of the expected values. */
function relativeError(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (values.length !== expected.length) return Number.POSITIVE_INFINITY
  let [difference, size] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    difference += (values[i]! - expected[i]!) ** 2
    size += expected[i]! ** 2
  }
  return Math.sqrt(difference) / (Math.sqrt(size) || 1)
}
