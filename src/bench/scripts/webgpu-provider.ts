/**
 * This package's WebGPU runtime beside ONNX Runtime's own WebGPU provider, on the same adapter and the same graphs: the
 * training step of the pocket model with its gradient, and one decoded token.
 *
 *     npx tsx src/bench/scripts/webgpu-provider.ts [--rounds 3] [--rows 8] [--slots 64]
 *
 * Prints one JSON object: seconds, and seconds of processor time, which on a software adapter are the work done. Best of the
 * rounds, taken in turn. Weights and caches lie on the device for ours; the provider is fed them once a run and returns
 * loss and gradients, or scores, keys and values, since it writes no state in place.
 */
import { parseArgs } from 'node:util'
import * as ort from 'onnxruntime-node'
import { decodeGraph } from '../../engine/embedded/decode-graph.ts'
import { readModelConfig } from '../../engine/embedded/model-folder.ts'
import { trainGraph } from '../../engine/embedded/train-step.ts'
import { toOnnx } from '../../graph/onnx.ts'
import { is, sizeOf, type Tensor, topologicalOrder } from '../../graph/tensor.ts'
import { modelFolder } from '../../loading/local-model.ts'
import { parameterSpecs } from '../../model/parameters.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import { findGpu } from '../../runtime/dawn.ts'
import { openGpuDevice } from '../../runtime/gpu-device.ts'
import type { Graph, Values } from '../../runtime/runtime.ts'
import { createWebgpuRuntime } from '../../runtime/webgpu-runtime.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    rows: { type: 'string', default: '8' },
    slots: { type: 'string', default: '64' },
  },
})
const [rounds, rows, slots] = [values.rounds, values.rows, values.slots].map(Number) as [
  number,
  number,
  number,
]
const [length, capacity] = [128, 256]

interface Cost {
  seconds: number
  processorSeconds: number
}

const config = await readModelConfig(await modelFolder('pocket-base'))
const specs = parameterSpecs(config)
const graphs = (fused: boolean): Record<string, Graph> => ({
  training: trainGraph(config, specs, rows, length, crossEntropy, { fused }),
  decoding: decodeGraph(config, specs, slots, capacity, 0, fused),
})

/** Numbers for an input; indices are small. */
function valuesFor(x: Tensor<'input'>): Values {
  const size = sizeOf(x.shape)
  if (x.dtype === 'int64') return BigInt64Array.from({ length: size }, (_, i) => BigInt(i % 7))
  if (x.dtype === 'int32') return Int32Array.from({ length: size }, () => 0)
  // As it is drawn without a cut, since the provider draws nothing.
  if (x.attributes.name === 'sampling')
    return Float32Array.from({ length: size }, (_, i) => (i % 3 === 1 ? 0 : 1))
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i) / 10)
}
const inputsOf = (tensors: readonly Tensor[]) => topologicalOrder(tensors).filter((x) => is(x, 'input'))

async function ours({ outputs = {}, assign = {} }: Graph): Promise<() => Promise<unknown>> {
  const runtime = createWebgpuRuntime(await openGpuDevice(findGpu, { allowSoftware: true }))
  const program = await runtime.compile({ outputs, assign })
  const tensors = [...Object.values(outputs), ...Object.values(assign)]
  const inputs = inputsOf(tensors)
  const states = Object.fromEntries(
    inputs
      .filter(({ attributes }) => attributes.state)
      .map((x) => [x.attributes.name, runtime.create(x.shape, x.dtype, valuesFor(x))]),
  )
  const feeds = Object.fromEntries(
    inputs.filter(({ attributes }) => !attributes.state).map((x) => [x.attributes.name, valuesFor(x)]),
  )
  return () => program.run({ feeds, states })
}

/** Draws and writes to caches are this package's own: the provider gives what they are made from. */
async function provider({ outputs = {}, assign = {} }: Graph): Promise<() => Promise<unknown>> {
  const wanted: Record<string, Tensor> = {}
  for (const [name, x] of Object.entries({ ...outputs, ...assign }))
    wanted[`new:${name}`] = is(x, 'draw') ? x.inputs[0]! : is(x, 'writeRows') ? x.inputs[2]! : x
  const session = await ort.InferenceSession.create(toOnnx(wanted), { executionProviders: ['webgpu'] })
  const feeds = Object.fromEntries(
    inputsOf(Object.values(wanted)).map((x) => [
      x.attributes.name,
      new ort.Tensor(x.dtype as 'float32', valuesFor(x) as Float32Array, x.shape),
    ]),
  )
  return () => session.run(feeds)
}

async function cost(work: () => Promise<unknown>): Promise<Cost> {
  const [started, before] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - started) / 1000, processorSeconds: (user + system) / 1e6 }
}

const results: Record<string, Record<string, Cost>> = {}
for (const name of ['training', 'decoding']) {
  const works = {
    ours: await ours(graphs(true)[name]!),
    provider: await provider(graphs(false)[name]!),
  }
  results[name] = {}
  for (let round = 0; round <= rounds; round++)
    for (const [who, work] of Object.entries(works)) {
      const spent = await cost(work)
      const best = results[name]![who]
      if (round > 0 && (best === undefined || spent.processorSeconds < best.processorSeconds))
        results[name]![who] = spent
    }
}
console.log(JSON.stringify(results))
process.exit()
