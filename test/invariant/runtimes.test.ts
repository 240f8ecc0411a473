/** Whole steps of models on a WebGPU adapter against ONNX Runtime: training with every gradient, and decoding. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeGraph } from '../../src/engine/embedded/decode-graph.ts'
import { withInt8Products } from '../../src/engine/embedded/int8-weights.ts'
import { type TrainOptions, trainGraph } from '../../src/engine/embedded/train-step.ts'
import { constant, equal, input, reshape, slice, where } from '../../src/graph/operations.ts'
import { is, sizeOf, type Tensor, topologicalOrder } from '../../src/graph/tensor.ts'
import type { DecoderConfig, GroupedQueryConfig } from '../../src/model/config.ts'
import { parameterSpecs } from '../../src/model/parameters.ts'
import { ropeTables } from '../../src/model/rope.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { randomStream } from '../../src/random.ts'
import { createOnnxRuntime } from '../../src/runtime/onnx-runtime.ts'
import type { Runtime, Values } from '../../src/runtime/runtime.ts'
import { createWebgpuRuntime } from '../../src/runtime/webgpu-runtime.ts'
import { softwareGpu, softwareGpuMissing } from '../software-gpu.ts'
import { tinyConfig, tinyDeepseekV3 } from '../tiny-model.ts'

const POCKET: GroupedQueryConfig = {
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

const TRAINED: [name: string, config: DecoderConfig, options?: Partial<TrainOptions>][] = [
  ['Llama', tinyConfig('llama'), { recompute: true, logitBytes: 4 * 40 * 20 }],
  ['Qwen2', tinyConfig('qwen2')],
  ['DeepSeek-V3', tinyDeepseekV3, { auxiliary: { balance: 0.1, prediction: 0.3 } }],
  ['the pocket model', POCKET],
]
const DECODED: [name: string, config: DecoderConfig, int8?: boolean][] = [
  ['Qwen2', tinyConfig('qwen2')],
  ['Llama with 8-bit weights', tinyConfig('llama'), true],
  ['DeepSeek-V3', tinyDeepseekV3],
  ['the pocket model', POCKET],
]

/** Software adapters compile many shaders on a machine that may be busy. */
const COMPILING = 300_000

const missing = await softwareGpuMissing()
if (missing !== undefined) describe.skip(missing, () => it('runs steps of models', () => {}))
else
  describe('WebGPU and ONNX Runtime', () => {
    let runtimes: [onnx: Runtime, webgpu: Runtime]
    beforeAll(async () => {
      runtimes = [createOnnxRuntime(), createWebgpuRuntime(await softwareGpu())]
    })
    afterAll(() => {
      for (const runtime of runtimes) runtime.close()
    })

    it.each(TRAINED)(
      'agree on a training step of %s',
      async (_, config, options) => {
        const [rows, length] = [2, 24]
        const all = { logitBytes: 2 ** 27, ...options }
        const graph = trainGraph(config, parameterSpecs(config), rows, length, crossEntropy, all)
        const values = valuesOf(config, graph, length)
        const [expected, got] = await Promise.all(
          runtimes.map(async (runtime) => {
            const program = await prepared(runtime, config, graph, values)
            return program.run(values)
          }),
        )
        for (const name of Object.keys(graph)) agree(got![name]!, expected![name]!, name)
      },
      COMPILING,
    )

    it.each(DECODED)(
      'agree on decoded tokens of %s',
      async (_, config, int8 = false) => {
        const [slots, capacity] = [3, 64]
        const plain = decodeGraph(config, parameterSpecs(config), slots, capacity)
        const graph = int8 ? withInt8Products(plain) : plain
        const values = valuesOf(config, graph, capacity)
        const { outputs, assign } = cacheAssigned(graph)
        const [expected, got] = await Promise.all(
          runtimes.map(async (runtime) => {
            const program = await prepared(runtime, config, graph, values, { outputs, assign })
            await program.run(values)
            // The second token sees the first one's keys and values.
            const next = (values.positions as BigInt64Array).map((position) => position + 1n)
            return program.run({ ...values, positions: next })
          }),
        )
        for (const name of Object.keys(outputs)) agree(got![name]!, expected![name]!, name)
      },
      COMPILING,
    )
  })

const isState = (config: DecoderConfig) => {
  const parameters = new Set(parameterSpecs(config).map(({ name }) => name))
  return (name: string) => parameters.has(name) || /^(cos|sin|past:.*|int8:.*|scales:.*)$/.test(name)
}

const inputsOf = (graph: Record<string, Tensor>) =>
  topologicalOrder(Object.values(graph)).filter((x) => is(x, 'input'))
const nameOf = (x: Tensor) => (x.attributes as { name: string }).name

async function prepared(
  runtime: Runtime,
  config: DecoderConfig,
  graph: Record<string, Tensor>,
  values: Record<string, Values>,
  compiled: Parameters<Runtime['compile']>[0] = { outputs: graph },
) {
  for (const x of inputsOf(graph).filter((x) => isState(config)(nameOf(x)))) {
    runtime.create(nameOf(x), x.shape, x.dtype)
    runtime.write(nameOf(x), values[nameOf(x)]!)
  }
  return runtime.compile(compiled)
}

/** The graph that writes each slot's new keys and values into its cache instead of returning them. */
function cacheAssigned({ cached, ...outputs }: Record<string, Tensor>) {
  const pasts = inputsOf({ ...outputs, cached: cached! }).filter((x) => nameOf(x).startsWith('past:'))
  const sorted = pasts.sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
  const positions = input('positions', [cached!.shape[1]!, 1], 'int64')
  const assign = sorted.map((past, i): [string, Tensor] => {
    const [slots, , capacity] = past.shape as [number, number, number]
    const every = Array.from({ length: capacity }, (_, position) => position)
    const own = equal(constant(every, [1, 1, capacity, 1], 'int64'), reshape(positions, [slots, 1, 1, 1]))
    const plane = reshape(slice(cached!, 0, i, i + 1), cached!.shape.slice(1))
    return [nameOf(past), where(own, plane, past)]
  })
  return { outputs, assign: Object.fromEntries(assign) }
}

/** Random values for the graph's inputs, and two segments in each row. */
function valuesOf(
  config: DecoderConfig,
  graph: Record<string, Tensor>,
  length: number,
): Record<string, Values> {
  const { normal, uniform } = randomStream(3, 'runtimes')
  const { cos, sin } = ropeTables(config, config.maxPositions)
  const decoding = 'cached' in graph
  const number = (name: string, i: number, size: number): number => {
    if (name === 'tokens' || name === 'targets') return Math.floor(uniform() * config.vocabularySize)
    if (name === 'positions') return decoding ? 3 + 7 * i : i % length
    if (name === 'segments') return i % length < 10 ? 0 : 10
    if (name === 'parents') return 0
    if (name === 'sequences') return Math.floor(i / length)
    if (name === 'weights') return 1 / size
    // Below what makes ONNX Runtime's sums saturate on processors without VNNI.
    if (name.startsWith('int8:')) return Math.round(120 * uniform() - 60)
    if (name.startsWith('scales:')) return 0.002
    if (name.startsWith('past:')) return normal()
    return /norm/.test(name) ? 1 + 0.1 * normal() : 0.08 * normal()
  }
  const entries = inputsOf(graph).map((x): [string, Values] => {
    const name = nameOf(x)
    if (name === 'cos') return [name, cos]
    if (name === 'sin') return [name, sin]
    const size = sizeOf(x.shape)
    const values = Array.from({ length: size }, (_, i) => number(name, i, size))
    if (x.dtype === 'int64') return [name, BigInt64Array.from(values, BigInt)]
    return [name, x.dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values)]
  })
  return Object.fromEntries(entries)
}

function agree(got: Float32Array, expected: Float32Array, name: string): void {
  let [difference, size] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    difference += (got[i]! - expected[i]!) ** 2
    size += expected[i]! ** 2
  }
  expect(got.length, name).toBe(expected.length)
  expect(Math.sqrt(difference) / (Math.sqrt(size) || 1), name).toBeLessThan(1e-4)
}
