/**
 * The embedded engine on a GPU against the GPU's own ceiling: square products in the same runtime, then a training step and
 * decoding of models of several sizes, with what each step starts and sends. Weights are random.
 */
import type { EmbeddedEngine } from '../engine/embedded/embedded-engine.ts'
import { createEmbeddedEngine } from '../engine/embedded/local-engine.ts'
import { ConfigError } from '../errors.ts'
import { matmul, reshape, slice, state } from '../graph/operations.ts'
import type { LlamaConfig } from '../model/config.ts'
import { numParameters } from '../model/parameters.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import type { GpuDevice } from '../runtime/gpu-device.ts'
import { createWebgpuRuntime, type WebgpuRuntime } from '../runtime/webgpu-runtime.ts'
import { QWEN_05B, repeatedWeights, SMOLLM2_135M } from './real-shapes.ts'
import { REFERENCE, trainingFlops } from './reference-model.ts'
import { best, timed } from './timing.ts'

/** One step of training, or one more token for all sequences of a batch. */
export interface StepFigures {
  tokensPerSecond: number
  gflops: number
  shareOfCeiling: number
  dispatches: number
  bytesUp: number
  bytesDown: number
}

export interface ShapeFigures {
  shape: GpuShape
  parameters: number
  /** Tokens of a training step; sequences that decode together. */
  tokens: number
  batch: number
  train: StepFigures
  decode: StepFigures
}

export interface GpuFigures {
  adapter: string
  software: boolean
  /** Bytes of the largest buffer and of the largest binding. */
  bufferBytes: number
  bindingBytes: number
  /** Products of matrices of so many rows and columns; the fastest is the ceiling. */
  products: { size: number; gflops: number }[]
  shapes: ShapeFigures[]
  /** Shapes that could not be measured, with the reason. */
  failed: { shape: GpuShape; reason: string }[]
}

export const GPU_SHAPES = ['reference', '135M', '0.5B'] as const
export type GpuShape = (typeof GPU_SHAPES)[number]

interface Measured {
  config: LlamaConfig
  /** Of a training step. */
  rows: number
  length: number
  /** Sequences that decode together. */
  batch: number
}

const SHAPES: Record<GpuShape, Measured> = {
  reference: { config: REFERENCE, rows: 32, length: 128, batch: 64 },
  '135M': { config: SMOLLM2_135M, rows: 4, length: 256, batch: 64 },
  '0.5B': { config: QWEN_05B, rows: 2, length: 512, batch: 16 },
}
/** What is measured; a software adapter takes minutes for more than the reference model. */
export function gpuBenchOptions(
  { software }: GpuDevice,
  asked?: string,
): { sizes: readonly number[]; shapes: readonly GpuShape[] } {
  const usual = software ? GPU_SHAPES.slice(0, 1) : GPU_SHAPES
  const shapes = asked?.split(',').map((name) => {
    const shape = GPU_SHAPES.find((known) => known === name)
    if (shape !== undefined) return shape
    throw new ConfigError('no such shape.', {
      field: '--shapes',
      value: name,
      expected: GPU_SHAPES.join(', '),
    })
  })
  return { sizes: software ? [1024] : [1024, 4096], shapes: shapes ?? usual }
}

const PROMPT = 32
const CHAIN = 8

export async function benchGpu(
  gpu: GpuDevice,
  {
    sizes,
    shapes,
    rounds,
    note,
  }: {
    sizes: readonly number[]
    shapes: readonly GpuShape[]
    rounds: number
    note: (text: string) => void
  },
): Promise<GpuFigures> {
  // Each has its own memory on the one device.
  const open = () => createWebgpuRuntime({ ...gpu, close: () => {} })
  const products: GpuFigures['products'] = []
  for (const size of sizes) {
    note(`products of ${size}³ …`)
    products.push({ size, gflops: await squareProduct(open(), size, rounds) })
  }
  const ceiling = Math.max(...products.map(({ gflops }) => gflops))
  const figures: GpuFigures = {
    adapter: gpu.name,
    software: gpu.software,
    bufferBytes: gpu.limits.bufferBytes,
    bindingBytes: gpu.limits.bindingBytes,
    ...{ products, shapes: [], failed: [] },
  }
  for (const shape of shapes) {
    note(`the ${shape} shape …`)
    try {
      figures.shapes.push(await benchShape(open(), shape, ceiling, rounds, gpu.software))
    } catch (error) {
      figures.failed.push({ shape, reason: (error as Error).message })
    }
  }
  return figures
}

/** Products one after the other in one run, so that starting it counts for little. */
async function squareProduct(runtime: WebgpuRuntime, size: number, rounds: number): Promise<number> {
  const shape = [size, size]
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i) / Math.sqrt(size))
  const states = { a: runtime.create(shape, 'float32', values), b: runtime.create(shape, 'float32', values) }
  let product = state('a', shape)
  for (let i = 0; i < CHAIN; i++) product = matmul(product, state('b', shape))
  const corner = slice(reshape(product, [size * size]), 0, 0, 1)
  const program = await runtime.compile({ outputs: { corner } })
  const seconds = await best(rounds, () => timed(() => program.run({ states })))
  runtime.close()
  return (CHAIN * 2 * size ** 3) / seconds / 1e9
}

async function benchShape(
  runtime: WebgpuRuntime,
  shape: GpuShape,
  ceiling: number,
  rounds: number,
  software: boolean,
): Promise<ShapeFigures> {
  const { config, length, batch, ...usual } = SHAPES[shape]
  // A software adapter takes seconds for what a GPU does in milliseconds.
  const [rows, newTokens] = software ? [Math.ceil(usual.rows / 8), 8] : [usual.rows, 64]
  const tokens = rows * length
  const engine = createEmbeddedEngine({
    runtime: () => runtime,
    config,
    weights: repeatedWeights(config),
    microBatchTokens: tokens,
    minRowLength: length,
  })
  try {
    const step = async (
      work: () => Promise<unknown>,
      { steps, count, flops }: { steps: number; count: number; flops: number },
    ): Promise<StepFigures> => {
      let before = { ...runtime.counts }
      const seconds = await best(rounds, () => {
        before = { ...runtime.counts }
        return timed(work)
      })
      const each = (name: 'up' | 'down' | 'dispatches') =>
        Math.round((runtime.counts[name] - before[name]) / steps)
      const gflops = (count * flops) / seconds / 1e9
      return {
        tokensPerSecond: count / seconds,
        gflops,
        shareOfCeiling: gflops / ceiling,
        dispatches: each('dispatches'),
        bytesUp: each('up'),
        bytesDown: each('down'),
      }
    }
    const perToken = (context: number) => trainingFlops(config, 1, context) / context
    return {
      shape,
      parameters: numParameters(config),
      tokens,
      batch,
      train: await step(() => update(engine, config, rows, length), {
        ...{ steps: 1, count: tokens, flops: perToken(length) },
      }),
      decode: await step(() => decode(engine, config, batch, newTokens), {
        ...{ steps: newTokens, count: batch * newTokens, flops: perToken(PROMPT + newTokens) / 3 },
      }),
    }
  } finally {
    engine.close()
  }
}

const tokensOf = ({ vocabularySize }: LlamaConfig, length: number, row = 0) =>
  Int32Array.from({ length }, (_, i) => ((row * length + i + 1) * 7919) % vocabularySize)

async function update(
  engine: EmbeddedEngine,
  config: LlamaConfig,
  rows: number,
  length: number,
): Promise<void> {
  const weights = new Float32Array(length).fill(1 / (rows * length))
  const batch = Array.from({ length: rows }, (_, row) => ({
    tokens: tokensOf(config, length + 1, row),
    weights,
  }))
  await engine.forwardBackward(batch, crossEntropy)
  await engine.optimStep({
    ...{ learningRate: 1e-5, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, gradientClipNorm: 1 },
  })
}

const decode = (engine: EmbeddedEngine, config: LlamaConfig, batch: number, maxTokens: number) =>
  engine.sample([
    {
      prompt: tokensOf(config, PROMPT),
      samples: batch,
      seed: 1,
      options: { maxTokens, temperature: 1, stopTokens: [] },
    },
  ])
