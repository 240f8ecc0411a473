/** Every runtime against the float64 interpreter: operations and their gradients, state, and whole steps of models. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CASES, KERNEL_CASES, operationCase } from '../../test/operation-cases.ts'
import { softwareGpu, softwareGpuMissing } from '../../test/software-gpu.ts'
import { adamw } from '../../test/tiny-model.ts'
import { attention, cachedAttention } from '../graph/attention.ts'
import { differentiate } from '../graph/differentiate.ts'
import { evaluate } from '../graph/evaluate.ts'
import * as g from '../graph/operations.ts'
import { isPacked, PACKED, type Packed, packedBytes } from '../graph/packed.ts'
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
      const results = await program.run({ feeds })
      program.close()
      const expected = evaluate(Object.values(outputs), feeds)
      Object.keys(outputs).forEach((output, i) => {
        expect(relativeError(results[output]!, expected[i]!), output).toBeLessThan(1e-5)
      })
    },
    COMPILING,
  )

  it('widens packed weights where they are read', { timeout: COMPILING }, async () => {
    const [N, inner, outer] = [3, 256, 36]
    const outputs: Record<string, Tensor> = {}
    const packed = Object.keys(PACKED).filter(isPacked)
    for (const format of packed) {
      const weight = g.cast(g.state(format, [outer, inner], format), 'float32')
      for (const [rows, x] of [
        [N, g.input('few', [N, inner])],
        [40, g.input('many', [40, inner])],
      ] as const) {
        outputs[`${format} ${rows} forward`] = g.linear(x, weight)
        outputs[`${format} ${rows} back`] = g.matmul(g.slice(x, 1, 0, outer), weight)
      }
      outputs[`${format} gathered`] = g.gather(weight, g.constant([3, 19, 0], [3], 'int64'))
    }
    const numbers = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i * i))
    const feeds = { few: numbers(N * inner), many: numbers(40 * inner) }
    const run = async (on: Runtime) => {
      const states = Object.fromEntries(
        packed.map((format) => [
          format,
          on.create([outer, inner], format, packedExample(format, outer * inner)),
        ]),
      )
      const results = await (await on.compile({ outputs })).run({ feeds, states })
      for (const format of packed) results[format] = await states[format]!.read()
      return results
    }
    const [got, expected] = [await run(runtime), await run(createFloat64Runtime())]
    for (const name of Object.keys(expected))
      expect(relativeError(got[name]!, expected[name]!), name).toBeLessThan(1e-5)
    const half = runtime.create([3], 'float16')
    await half.fill((values) => values.set([1 / 3, 65504, -1e-7]))
    expect(await half.read()).toEqual(Float32Array.of(0.333251953125, 65504, -(2 ** -23)))
  })

  it('gives the same bytes in every run', async () => {
    const x = g.input('x', [300, 9])
    const places = g.constant(
      Array.from({ length: 300 }, (_, i) => (i * 7) % 11),
      [300],
      'int64',
    )
    const program = await runtime.compile({ outputs: { y: g.scatterAdd(11, places, x), s: g.sum(x) } })
    const feeds = { x: Float32Array.from({ length: 2700 }, (_, i) => Math.sin(i * i)) }
    const first = await program.run({ feeds })
    for (let i = 0; i < 3; i++) expect(await program.run({ feeds })).toEqual(first)
  })

  it('keeps state between runs, and a graph sees it as it was before', async () => {
    const states = {
      a: runtime.create([3], 'float32', Float32Array.of(1, 2, 3)),
      b: runtime.create([3]),
    }
    const [a, b] = [g.state('a', [3]), g.state('b', [3])]
    const program = await runtime.compile({
      outputs: { sum: g.sum(a) },
      // b takes what a was, and a what b was and more.
      assign: { b: a, a: g.add(g.add(a, b), g.input('x', [3])) },
    })
    const run = (x: Float32Array) => program.run({ feeds: { x }, states })
    expect(await run(Float32Array.of(1, 1, 1))).toEqual({ sum: Float32Array.of(6) })
    expect(await states.b.read()).toEqual(Float32Array.of(1, 2, 3))
    expect(await states.a.read()).toEqual(Float32Array.of(2, 3, 4))
    await run(Float32Array.of(0, 0, 0))
    expect(await states.b.read()).toEqual(Float32Array.of(2, 3, 4))
    expect(await states.a.read()).toEqual(Float32Array.of(3, 5, 7))
  })

  it('runs several rounds without waiting, each on what the one before carries to it', async () => {
    if (runtime.memory !== 'device') return
    const states = { a: runtime.create([3], 'float32', Float32Array.of(5, 6, 7)) }
    const [a, u, x] = [g.state('a', [3]), g.input('u', [3]), g.input('x', [3], 'int32')]
    const program = await runtime.compile({
      outputs: { y: g.add(g.cast(x, 'float32'), u), first: g.slice(a, 0, 0, 1) },
      assign: { a: g.add(a, u) },
      carry: { x: g.add(x, g.scalar(10, 'int32')) },
    })
    const feeds = { x: Int32Array.of(1, 2, 3), u: Float32Array.of(0, 0, 0.5, 100, 0, 0, 0, 0, 0) }
    expect(await program.run({ feeds, states, rounds: 3 })).toEqual({
      y: Float32Array.of(1, 2, 3.5, 111, 12, 13, 21, 22, 23),
      first: Float32Array.of(5, 5, 105),
    })
    expect(await states.a.read()).toEqual(Float32Array.of(105, 6, 7.5))
  })

  it('runs on any states of the names, and on the first numbers of larger ones', async () => {
    const program = await runtime.compile({
      outputs: { y: g.mul(g.state('a', [2, 3]), 2) },
      assign: { b: g.neg(g.state('a', [2, 3])) },
    })
    for (const rows of [2, 5]) {
      const values = Float32Array.from({ length: 3 * rows }, (_, i) => i + rows)
      const states = { a: runtime.create([rows, 3], 'float32', values), b: runtime.create([rows, 3]) }
      const first = [0, 1, 2, 3, 4, 5].map((i) => i + rows)
      expect(Array.from((await program.run({ states })).y!)).toEqual(first.map((value) => 2 * value))
      expect(Array.from((await states.b.read()).subarray(0, 6))).toEqual(first.map((value) => -value))
    }
  })

  it('copies regions, within a state too', async () => {
    const a = runtime.create([6], 'float32', Float32Array.of(1, 2, 3, 4, 5, 6))
    const b = runtime.create([8])
    runtime.copy(a, b, [
      { from: 4, to: 0, length: 2 },
      { from: 0, to: 5, length: 3 },
    ])
    expect(await b.read()).toEqual(Float32Array.of(5, 6, 0, 0, 0, 1, 2, 3))
    runtime.copy(b, b, [{ from: 5, to: 1, length: 3 }])
    expect(await b.read()).toEqual(Float32Array.of(5, 1, 2, 3, 0, 1, 2, 3))
    await b.fill((values) => void values.fill(7))
    expect(await b.read()).toEqual(new Float32Array(8).fill(7))
  })

  it('writes rows to a cache after what read it, each at a position of its own', async () => {
    const [R, H, C, T, E] = [3, 2, 5, 2, 3]
    const cache = g.state('cache', [R, H, C, E])
    const before = Float32Array.from({ length: R * H * C * E }, (_, i) => -i)
    const graph = {
      outputs: { sum: g.sum(cache, [2, 3]) },
      assign: {
        cache: g.writeRows(cache, g.input('starts', [R], 'int64'), g.exp(g.input('x', [R, H, T, E]))),
      },
    }
    const feeds = {
      starts: BigInt64Array.of(0n, 3n, 2n),
      x: Float32Array.from({ length: R * H * T * E }, (_, i) => Math.sin(i)),
    }
    const run = async (on: Runtime) => {
      const states = { cache: on.create([R, H, C, E], 'float32', before.slice()) }
      const { sum } = await (await on.compile(graph)).run({ feeds, states })
      return [...sum!, ...(await states.cache.read())]
    }
    expect(relativeError(await run(runtime), await run(createFloat64Runtime()))).toBeLessThan(1e-6)
  })

  it('draws the tokens that the interpreter draws', { timeout: COMPILING }, async () => {
    for (const [name, V] of [
      ['few', 7],
      ['many', 520],
    ] as const) {
      const options = [
        [0, 0, 1],
        [1, 0, 1],
        [1, 0, 0.9],
        [1, 5, 1],
        [1, 6, 0.7],
        [1, 1, 1],
        [1, 0, 0.01],
      ]
      const uniforms = V < 100 ? [0, 0.3, 0.77, 0.9999] : [0.3, 0.9999]
      const rows = options.length * uniforms.length
      const [logits, drawOptions] = [g.input('logits', [rows, V]), g.state('options', [rows, 3])]
      const graph = {
        outputs: {
          drawn: g.draw(
            g.logSoftmax(logits),
            g.softmax(g.mul(logits, 1.3)),
            drawOptions,
            g.input('u', [rows]),
          ),
        },
      }
      // Some weights are equal, and in the last rows some are 0.
      const value = (i: number) =>
        (i % V < 3 ? 2 : 3 * Math.sin(i * i)) - (i > rows * V * 0.8 && i % 2 === 0 ? 300 : 0)
      const feeds = {
        logits: Float32Array.from({ length: rows * V }, (_, i) => value(i)),
        u: Float32Array.from({ length: rows }, (_, r) => uniforms[r % uniforms.length]!),
      }
      const each = Array.from({ length: rows }, (_, r) => options[Math.floor(r / uniforms.length)]!)
      const run = async (on: Runtime) => {
        const states = { options: on.create([rows, 3], 'float32', Float32Array.from(each.flat())) }
        return (await (await on.compile(graph)).run({ feeds, states })).drawn!
      }
      const [got, expected] = [await run(runtime), await run(createFloat64Runtime())]
      each.forEach((option, r) => {
        const [token, ...logprobs] = expected.subarray(3 * r, 3 * r + 3)
        expect(got[3 * r], `${name}: ${option} at ${feeds.u[r]}`).toBe(token)
        logprobs.forEach((value, i) => {
          expect(got[3 * r + 1 + i]).toBeCloseTo(value, 4)
        })
      })
    }
  })

  it('computes attention and its gradient without storing scores', { timeout: COMPILING }, async () => {
    if (!runtime.fusesAttention) return
    for (const [R, T, H, K, E, C] of [
      [2, 7, 4, 2, 8, 17],
      [1, 70, 2, 2, 16, 1],
      [1, 2, 2, 1, 4, 130],
    ] as const) {
      const [q, k, v] = [g.input('q', [R, T, H, E]), g.input('k', [R, T, K, E]), g.input('v', [R, T, K, E])]
      const [segments, parents] = [g.input('segments', [R, T], 'int32'), g.input('parents', [R, T], 'int32')]
      const y = attention(q, k, v, segments, parents, 0.7)
      const [dq, dk, dv] = differentiate(g.sum(g.mul(y, g.input('dy', y.shape))), [q, k, v])
      const [past, starts] = [g.state('past', [R * T, K, C, E]), g.input('starts', [R * T], 'int64')]
      const one = (x: Tensor, heads: number) => g.reshape(x, [R * T, 1, heads, E])
      const outputs = {
        y,
        dq: dq!,
        dk: dk!,
        dv: dv!,
        cached: cachedAttention(
          one(q, H),
          one(k, K),
          one(v, K),
          past,
          g.state('pastValues', past.shape),
          starts,
        ),
      }
      const numbers = (size: number, seed: number) =>
        Float32Array.from({ length: size }, (_, i) => Math.sin(seed + i * (1 + seed / 7)))
      const feeds = {
        q: numbers(R * T * H * E, 1),
        k: numbers(R * T * K * E, 2),
        v: numbers(R * T * K * E, 3),
        dy: numbers(R * T * H * E, 4),
        // A prompt, two responses to it, and padding.
        segments: Int32Array.from({ length: R * T }, (_, i) => [0, 0, 1, 1, 2, 2, -1][i % T] ?? 3),
        parents: Int32Array.from({ length: R * T }, (_, i) => [0, 0, 0, 0, 0, 0, -2][i % T] ?? 0),
        starts: BigInt64Array.from({ length: R * T }, (_, i) => BigInt((i * 129) % (C + 1))),
      }
      const run = async (on: Runtime) => {
        const states = {
          past: on.create(past.shape, 'float32', numbers(R * T * K * C * E, 5)),
          pastValues: on.create(past.shape, 'float32', numbers(R * T * K * C * E, 6)),
        }
        return (await on.compile({ outputs })).run({ feeds, states })
      }
      const [got, expected] = [await run(runtime), await run(createFloat64Runtime())]
      for (const name of Object.keys(outputs))
        expect(relativeError(got[name]!, expected[name]!), name).toBeLessThan(1e-5)
    }
  })

  it('adds gradients up and updates weights with AdamW, as in float64', async () => {
    const parameters = [
      { name: 'w', shape: [6, 5], decayed: true },
      { name: 'gain', shape: [5], decayed: false },
    ]
    const [w, gain, x] = [g.state('w', [6, 5]), g.state('gain', [5]), g.input('x', [4, 5])]
    const loss = g.sum(g.exp(g.linear(g.mul(x, gain), w)))
    const gradients = differentiate(loss, [w, gain])
    const assign = Object.fromEntries(
      parameters.map(({ name, shape }, i) => {
        const own = adamwStates(name).gradient
        return [own, g.add(g.state(own, shape), gradients[i]!)]
      }),
    )
    const initial: Record<string, Float32Array> = {
      w: Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
      gain: Float32Array.from({ length: 5 }, (_, i) => 1 + i / 10),
    }
    const run = async (on: Runtime) => {
      const states = Object.fromEntries(
        parameters.flatMap(({ name, shape }) =>
          [name, ...Object.values(adamwStates(name))].map((held) => [
            held,
            on.create(shape, 'float32', initial[held]?.slice()),
          ]),
        ),
      )
      const accumulate = await on.compile({ outputs: { loss }, assign })
      const update = await on.compile(adamwGraph(parameters))
      const seen: number[] = []
      for (let step = 1; step <= 3; step++) {
        for (const micro of [0, 1]) {
          const fed = Float32Array.from({ length: 20 }, (_, i) => Math.cos(i * step + micro) / 3)
          seen.push((await accumulate.run({ feeds: { x: fed }, states })).loss![0]!)
        }
        seen.push((await update.run({ feeds: adamwFeeds(adamw, step), states })).gradientNorm![0]!)
      }
      for (const state of Object.values(states)) seen.push(...(await state.read()))
      return seen
    }
    const [got, expected] = [await run(runtime), await run(createFloat64Runtime())]
    expect(relativeError(got, expected)).toBeLessThan(1e-5)
    expect(expected.slice(-20).every((value) => value === 0)).toBe(false)
  })

  it('drops a gradient that is not finite, and clears it', async () => {
    const names = adamwStates('p')
    const states = Object.fromEntries(
      ['p', ...Object.values(names)].map((name) => [name, runtime.create([4])]),
    )
    states.p!.write(Float32Array.of(1, 2, 3, 4))
    const update = await runtime.compile(adamwGraph([{ name: 'p', shape: [4], decayed: false }]))
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      states[names.gradient]!.write(Float32Array.of(1, wrong, 1, 1))
      const { gradientNorm, applied } = await update.run({ feeds: adamwFeeds(adamw, 1), states })
      expect(Number.isFinite(gradientNorm![0]!)).toBe(false)
      expect(applied).toEqual(Float32Array.of(0))
      expect(await states.p!.read()).toEqual(Float32Array.of(1, 2, 3, 4))
      expect(await states[names.gradient]!.read()).toEqual(new Float32Array(4))
    }
  })

  it('says what is missing', async () => {
    const program = await runtime.compile({ outputs: { y: g.neg(g.input('fed', [2])) } })
    await expect(program.run()).rejects.toThrow('nothing is given for fed')
    await expect(program.run({ feeds: { fed: new Float32Array(3) } })).rejects.toThrow(
      'fed takes 2 numbers, not 3',
    )
    const held = await runtime.compile({ outputs: { y: g.neg(g.state('held', [2])) } })
    await expect(held.run({ states: { held: runtime.create([1]) } })).rejects.toThrow(/held takes 2 numbers/)
    expect(() => runtime.create([2]).write(new Float32Array(3))).toThrow('a state takes 2 numbers, not 3')
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

/** Bytes of whole blocks, whose half-precision scales are ordinary numbers. */
function packedExample(format: Packed, size: number): Uint8Array {
  const { blockBytes } = PACKED[format]
  const bytes = Uint8Array.from({ length: packedBytes(format, size) }, (_, i) => (i * i * 31 + i * 7) % 251)
  const scales = { float16: [0], Q4_0: [0], Q8_0: [0], Q4_K: [0, 2], Q6_K: [208] }[format]
  for (let block = 0; block < bytes.length; block += blockBytes)
    for (const at of scales) bytes[block + at + 1] = 0x20 + (bytes[block + at + 1]! % 8)
  return bytes
}
