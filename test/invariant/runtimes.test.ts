/** Whole steps of models on a WebGPU adapter against ONNX Runtime: training with every gradient, and decoding. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeGraph } from '../../src/engine/embedded/decode-graph.ts'
import { withInt8Products } from '../../src/engine/embedded/int8-weights.ts'
import { type TrainOptions, trainGraph } from '../../src/engine/embedded/train-step.ts'
import { is, sizeOf, type Tensor, topologicalOrder } from '../../src/graph/tensor.ts'
import type { DecoderConfig, LlamaConfig } from '../../src/model/config.ts'
import { parameterSpecs } from '../../src/model/parameters.ts'
import { ropeTables } from '../../src/model/rope.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { randomStream } from '../../src/random.ts'
import { createOnnxRuntime } from '../../src/runtime/onnx-runtime.ts'
import type { Graph, Runtime, State, Values } from '../../src/runtime/runtime.ts'
import { createWebgpuRuntime } from '../../src/runtime/webgpu-runtime.ts'
import { softwareGpu, softwareGpuMissing } from '../software-gpu.ts'
import { tinyConfig, tinyDeepseekV3, tinyGroupedQuery } from '../tiny-model.ts'

const POCKET: LlamaConfig = {
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
  ['Llama', tinyConfig('llama'), { recompute: true, logitParts: 3 }],
  ['Qwen2', tinyConfig('qwen2')],
  ['DeepSeek-V3', tinyDeepseekV3, { auxiliary: { balance: 0.1, prediction: 0.3 } }],
  ['Gemma 3', tinyGroupedQuery('gemma3_text')],
  ['Qwen3', tinyGroupedQuery('qwen3')],
  ['Qwen3 with experts', tinyGroupedQuery('qwen3_moe')],
  ['Mistral', tinyGroupedQuery('mistral')],
  ['SmolLM3', tinyGroupedQuery('smollm3')],
  ['the pocket model', POCKET],
]
const DECODED: [name: string, config: DecoderConfig, int8?: boolean][] = [
  ['Qwen2', tinyConfig('qwen2')],
  ['Llama with 8-bit weights', tinyConfig('llama'), true],
  ['DeepSeek-V3', tinyDeepseekV3],
  ['Gemma 3', tinyGroupedQuery('gemma3_text')],
  ['Qwen3', tinyGroupedQuery('qwen3')],
  ['Qwen3 with experts', tinyGroupedQuery('qwen3_moe')],
  ['Mistral', tinyGroupedQuery('mistral')],
  ['SmolLM3', tinyGroupedQuery('smollm3')],
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
        const graphOf = ({ fusesAttention: fused }: Runtime) => {
          const all = { fused, ...options }
          return trainGraph(config, parameterSpecs(config), rows, length, crossEntropy, all)
        }
        const values = valuesOf(config, graphOf(runtimes[0]), length)
        const [expected, got] = await Promise.all(
          runtimes.map(async (runtime) => {
            const graph = graphOf(runtime)
            const program = await runtime.compile(graph)
            const states = statesOf(runtime, graph, values)
            return { ...(await program.run({ feeds: values, states })), ...(await assigned(graph, states)) }
          }),
        )
        for (const name of Object.keys(expected!)) agree(got![name]!, expected![name]!, name)
      },
      COMPILING,
    )

    it.each(DECODED)(
      'agree on decoded tokens of %s',
      async (_, config, int8 = false) => {
        const [slots, capacity] = [3, 64]
        const graphOf = ({ fusesAttention }: Runtime) => {
          const plain = decodeGraph(config, parameterSpecs(config), slots, capacity, 0, fusesAttention)
          return int8 ? withInt8Products(plain) : plain
        }
        const values = valuesOf(config, graphOf(runtimes[0]), capacity)
        const [expected, got] = await Promise.all(
          runtimes.map(async (runtime) => {
            const graph = graphOf(runtime)
            const program = await runtime.compile(graph)
            const states = statesOf(runtime, graph, values)
            await program.run({ feeds: values, states })
            // The second token sees the first one's keys and values.
            const positions = (values.positions as BigInt64Array).map((position) => position + 1n)
            const outputs = await program.run({ feeds: { ...values, positions }, states })
            return { ...outputs, ...(await assigned(graph, states)) }
          }),
        )
        for (const name of Object.keys(expected!)) agree(got![name]!, expected![name]!, name)
      },
      COMPILING,
    )
  })

const inputsOf = ({ outputs = {}, assign = {} }: Graph) => [
  ...new Map(
    topologicalOrder([...Object.values(outputs), ...Object.values(assign)])
      .filter((x) => is(x, 'input'))
      .map((x) => [nameOf(x), x]),
  ).values(),
]
const nameOf = (x: Tensor) => (x.attributes as { name: string }).name

function statesOf(runtime: Runtime, graph: Graph, values: Record<string, Values>): Record<string, State> {
  const held = inputsOf(graph).filter((x) => (x.attributes as { state?: boolean }).state)
  return Object.fromEntries(
    held.map((x) => [nameOf(x), runtime.create(x.shape, x.dtype, values[nameOf(x)]!.slice())]),
  )
}

async function assigned({ assign = {} }: Graph, states: Record<string, State>) {
  const read: Record<string, Float32Array> = {}
  for (const name of Object.keys(assign)) read[name] = await states[name]!.read()
  return read
}

/** Random values for the graph's inputs, and two segments in each row. */
function valuesOf(config: DecoderConfig, graph: Graph, length: number): Record<string, Values> {
  const { normal, uniform } = randomStream(3, 'runtimes')
  const { cos, sin } = ropeTables(config)
  const decoding = 'drawn' in graph.outputs!
  const number = (name: string, i: number, size: number): number => {
    if (name === 'tokens' || name === 'targets') return Math.floor(uniform() * config.vocabularySize)
    if (name === 'positions') return decoding ? 3 + 7 * i : i % length
    if (name === 'segments') return i % length < 10 ? 0 : 10
    if (name === 'parents') return 0
    if (name === 'sequences') return Math.floor(i / length)
    if (name === 'weights') return 1 / size
    if (name === 'sampling') return [1, 0, 1][i % 3]!
    if (name === 'uniforms') return uniform()
    if (name.startsWith('gradient:')) return 0
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
