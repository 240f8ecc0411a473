/** Plans without a device: counts, memory, limits. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tinyGroupedQuery } from '../../../test/tiny-model.ts'
import { decodeGraph } from '../../engine/embedded/decode-graph.ts'
import { trainGraph } from '../../engine/embedded/train-step.ts'
import type { DecoderConfig, LlamaConfig } from '../../model/config.ts'
import { adaptedMatrices } from '../../model/lora.ts'
import { parameterSpecs } from '../../model/parameters.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import type { Graph } from '../../runtime/runtime.ts'
import * as g from '../operations.ts'
import type { Tensor } from '../tensor.ts'
import { DEFAULT_LIMITS, type Limits, liveBytes, placeTensors } from './memory.ts'
import { type Plan, planGraph } from './plan.ts'

/** The pocket model's shape. */
const config: LlamaConfig = {
  architecture: 'qwen2',
  vocabularySize: 544,
  hiddenSize: 192,
  intermediateSize: 512,
  numLayers: 4,
  numHeads: 4,
  numKeyValueHeads: 4,
  headSize: 48,
  maxPositions: 512,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 10_000,
  attentionBias: false,
  tieEmbeddings: true,
}
const specs = parameterSpecs(config)
/** As adapters of desktops have them. */
const limits: Limits = { ...DEFAULT_LIMITS, bufferBytes: 2 ** 31, storageBuffers: 10 }
const plan = (graph: Graph, fewer: Partial<Limits> = {}) =>
  planGraph({ outputs: {}, ...graph, limits: { ...limits, ...fewer }, cooperative: true })
const training = (options = {}, shape: DecoderConfig = config, [rows, length] = [8, 128]) =>
  trainGraph(shape, parameterSpecs(shape), rows!, length!, crossEntropy, {
    ...{ fused: true, ...options },
  })
const decoding = (shape = config) => decodeGraph(shape, parameterSpecs(shape), 64, 256, 0, true)
const deeper = { ...config, numLayers: config.numLayers + 1 }
const dispatches = (graph: Graph) => plan(graph).dispatches.length

describe('a plan of the pocket model', () => {
  it('trains in at most 30 dispatches a layer, of few shaders', () => {
    expect(dispatches(training({}, deeper)) - dispatches(training())).toBeLessThanOrEqual(30)
    const { shaders, memory } = plan(training())
    expect(shaders.length).toBeLessThanOrEqual(48)
    expect(memory.planned).toBeLessThan(1.25 * memory.live)
  })

  it('keeps no scores of tokens with tokens', () => {
    const [fused, plain] = [true, false].map(
      (own) => plan(training({ fused: own }, config, [2, 512])).memory.planned,
    )
    expect(fused).toBeLessThan(0.7 * plain!)
  })

  it('takes less memory where layers are computed twice', () => {
    const [kept, again] = [training(), training({ recompute: true })].map((graph) => plan(graph).memory)
    expect(again!.planned).toBeLessThan(0.7 * kept!.planned)
    expect(again!.planned).toBeLessThan(1.25 * again!.live)
  })

  it('decodes in at most 9 dispatches a layer', () => {
    expect(dispatches(decoding(deeper)) - dispatches(decoding())).toBeLessThanOrEqual(9)
    const { memory } = plan(decoding())
    expect(memory.planned).toBeLessThan(1.25 * memory.live)
  })

  it('does a part of what follows a product apart where it reads more than an adapter binds: Gemma with adapters', () => {
    const gemma = tinyGroupedQuery('gemma3_text')
    const settings = { rank: 2, alpha: 4, targets: ['all-linear'] }
    const lora = { settings, matrices: adaptedMatrices(parameterSpecs(gemma), settings) }
    for (const { bindings } of plan(training({ lora }, gemma, [1, 16])).dispatches)
      expect(bindings.length).toBeLessThanOrEqual(limits.storageBuffers)
  })

  it('adds each gradient to its state in the kernel that computes it', () => {
    expect(plan(training()).copies).toEqual([])
  })

  it('binds no more buffers than the limits allow, and no larger ones', () => {
    const tight = { ...limits, bindingBytes: 2 ** 20, bufferBytes: 2 ** 22, workgroups: 100 }
    // So small that the embedding takes four windows, and its gradient from the head too many for one kernel.
    const tighter = { ...tight, bindingBytes: 2 ** 17 }
    within(tight, plan(decodeGraph(config, specs, 8, 128), tight))
    within(tighter, plan(training({}, config, [1, 64]), tighter))
  })

  const within = (tight: Limits, { dispatches, buffers }: Plan) => {
    for (const { bindings, workgroups } of dispatches) {
      expect(bindings.length).toBeLessThanOrEqual(tight.storageBuffers)
      for (const { bytes } of bindings) expect(bytes).toBeLessThanOrEqual(tight.bindingBytes)
      expect(Math.max(...workgroups)).toBeLessThanOrEqual(tight.workgroups)
    }
    for (const bytes of Object.values(buffers).flat()) expect(bytes).toBeLessThanOrEqual(tight.bufferBytes)
  }
})

describe('views', () => {
  const x = g.input('x', [6, 4])
  it.each<[string, Tensor]>([
    ['transpose', g.neg(g.transpose(x, [1, 0]))],
    ['reshape', g.neg(g.reshape(x, [3, 8]))],
    ['slice', g.neg(g.slice(x, 0, 2, 5))],
    ['expand', g.neg(g.expand(x, [5, 6, 4]))],
    ['concat', g.neg(g.concat([x, x], 0))],
    ['all of them', g.neg(g.slice(g.transpose(g.reshape(x, [2, 3, 4]), [2, 0, 1]), 1, 1, 2))],
    ['a norm between', g.softmax(g.reshape(g.transpose(g.reshape(x, [2, 3, 4]), [1, 0, 2]), [6, 4]))],
  ])('%s takes no kernel', (_, y) => {
    expect(plan({ outputs: { y } }).dispatches).toHaveLength(1)
  })
})

describe('fusion', () => {
  const [x, w, r] = [g.input('x', [30, 20]), g.input('w', [40, 20]), g.input('r', [30, 40])]
  it.each<[string, Tensor, number]>([
    ['pointwise work with pointwise work', g.mul(g.exp(g.neg(r)), g.sigmoid(r)), 1],
    ['a residual and an activation with a product', g.add(r, g.silu(g.linear(x, w))), 1],
    ['scales with the operands of a product', g.linear(g.mul(x, 2), g.mul(w, 3)), 1],
    [
      'two products, the second with what is done to both',
      g.mul(g.linear(x, w), g.silu(g.linear(x, g.neg(w)))),
      2,
    ],
    ['a softmax with a mask', g.softmax(g.add(r, g.input('mask', [1, 40]))), 1],
    ['a norm: one reduction, the rest in the product', g.linear(g.rmsNormalize(x, 1e-6), w), 2],
  ])('%s', (_, y, dispatches) => {
    expect(plan({ outputs: { y } }).dispatches).toHaveLength(dispatches)
  })
})

describe('kernels that do not wait for each other', () => {
  const x = g.input('x', [100, 64])
  const weights = ['q', 'k', 'v'].map((name) => g.state(name, [96, 64]))
  const products = Object.fromEntries(weights.map((w, i) => [`y${i}`, g.linear(x, w)]))

  it('share a dispatch, as far as its buffers go', () => {
    expect(plan({ outputs: products }).dispatches).toHaveLength(1)
    expect(plan({ outputs: products }, { storageBuffers: 5 }).dispatches).toHaveLength(2)
    const { dispatches, shaders } = plan({ outputs: products })
    expect(dispatches[0]!.bindings).toHaveLength(7)
    expect(shaders[0]).toContain('fn body2(')
  })

  it('keep apart on a CPU, and where one reads what another writes', () => {
    const alone = planGraph({ outputs: products, limits, cooperative: false })
    expect(alone.dispatches).toHaveLength(3)
    const q = g.linear(x, weights[0]!)
    expect(plan({ outputs: { q, y: g.linear(q, g.state('next', [64, 96])) } }).dispatches).toHaveLength(2)
  })

  it('have memory of their own', () => {
    const lives = plan({
      outputs: { y: g.add(g.exp(g.sum(g.linear(x, weights[0]!))), g.sum(g.linear(x, weights[1]!))) },
    })
    expect(lives.memory.planned).toBeGreaterThanOrEqual(2 * 4 * 100 * 96)
  })
})

describe('assignments', () => {
  const [a, b] = [g.state('a', [64]), g.state('b', [64])]
  const assigned = (assign: Record<string, Tensor>, outputs: Record<string, Tensor> = {}) =>
    plan({ outputs, assign })

  it('happen in place where a state is read where it is written', () => {
    const { copies, memory } = assigned({ a: g.add(a, b) }, { sum: g.sum(a) })
    expect(copies).toEqual([])
    expect(memory.planned).toBe(256)
  })

  it('wait for the end where the old value is still read', () => {
    expect(assigned({ a: b, b: a }).copies).toHaveLength(1)
    const reversed = g.transpose(g.reshape(a, [8, 8]), [1, 0])
    expect(assigned({ a: g.neg(g.reshape(reversed, [64])) }).copies).toHaveLength(1)
  })
})

describe('memory', () => {
  const lifetimes = fc.array(
    fc
      .record({ bytes: fc.integer({ min: 1, max: 5000 }), first: fc.nat(20), length: fc.nat(10) })
      .map(({ bytes, first, length }) => ({ bytes, first, last: first + length })),
    { maxLength: 40 },
  )

  it('is never shared by tensors that are needed at the same time', () => {
    fc.assert(
      fc.property(lifetimes, fc.constantFrom(512, 2048, 65_536), (lives, bufferBytes) => {
        const small = { ...DEFAULT_LIMITS, bindingBytes: 1024, bufferBytes }
        const { places, buffers } = placeTensors(lives, small)
        const all = places.flatMap((windows, i) => windows.map((place) => ({ ...place, ...life(lives[i]!) })))
        for (const [i, p] of all.entries()) {
          expect(p.bytes).toBeLessThanOrEqual(small.bindingBytes)
          expect(p.offset % small.alignment).toBe(0)
          expect(p.offset + p.bytes).toBeLessThanOrEqual(buffers[p.buffer]!)
          for (const q of all.slice(i + 1)) {
            const together = p.buffer === q.buffer && p.first <= q.last && q.first <= p.last
            const apart = p.offset + p.bytes <= q.offset || q.offset + q.bytes <= p.offset
            expect(!together || apart).toBe(true)
          }
        }
        for (const [i, windows] of places.entries())
          expect(windows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(lives[i]!.bytes)
        for (const bytes of buffers) expect(bytes).toBeLessThanOrEqual(bufferBytes)
      }),
    )
  })

  it('knows the most that is live at once', () => {
    const lives = [
      { bytes: 10, first: 0, last: 2 },
      { bytes: 20, first: 1, last: 1 },
      { bytes: 5, first: 2, last: 4 },
    ]
    expect(liveBytes(lives)).toBe(30)
  })
})

const life = ({ first, last }: { first: number; last: number }) => ({ first, last })
