/** Training and decoding of SmolLM2-135M's shape with random weights: what a real model costs on this machine. */
import type { EmbeddedEngine } from '../engine/embedded/embedded-engine.ts'
import { createEmbeddedEngine } from '../engine/embedded/local-engine.ts'
import { sizeOf } from '../graph/tensor.ts'
import { openRuntime } from '../loading/device.ts'
import { modelFolder } from '../loading/local-model.ts'
import { numParameters, parameterSpecs } from '../model/parameters.ts'
import { writeGgufModel } from '../model/write-gguf-model.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import { loadTokenizer } from '../text/load-tokenizer.ts'
import { ggufTokenizer } from '../text/tokenizer-to-gguf.ts'
import { repeatedWeights, SMOLLM2_135M as SHAPE } from './real-shapes.ts'
import { trainingFlops } from './reference-model.ts'
import { best, timed } from './timing.ts'

export const REAL = { rows: 4, rowLength: 256, promptLength: 32, newTokens: 32, batches: [1, 16, 64] }

export interface Rate {
  tokensPerSecond: number
  gflops: number
}

export interface RealModelFigures {
  parameters: number
  train: Rate
  /** By the number of sequences that decode together. */
  decode: Record<number, Rate>
  /** The same with products in 8-bit integers, where the device has them. */
  decodeInt8?: Record<number, Rate>
}

const ADAMW = {
  learningRate: 1e-5,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  gradientClipNorm: 1,
}

export async function benchRealModel(rounds: number): Promise<RealModelFigures> {
  const { rows, rowLength, promptLength, newTokens, batches } = REAL
  const engine = createEmbeddedEngine({
    runtime: await openRuntime(),
    config: SHAPE,
    weights: repeatedWeights(SHAPE),
    microBatchTokens: rows * rowLength,
    minRowLength: rowLength,
  })
  try {
    const decode = async (sampler: Pick<EmbeddedEngine, 'sample'>) => {
      const rates: Record<number, Rate> = {}
      for (const batch of batches) {
        const perToken = trainingFlops(SHAPE, 1, promptLength + newTokens) / (promptLength + newTokens) / 3
        rates[batch] = rate(
          batch * newTokens,
          await best(rounds, () => decodeSeconds(sampler, batch)),
          perToken,
        )
      }
      return rates
    }
    const decoded = await decode(engine)
    const int8 = engine.samplesInt8 ? await decode(engine.int8Sampler()) : undefined
    const tokens = rows * rowLength
    const trained = await best(rounds, () => updateSeconds(engine))
    return {
      parameters: numParameters(SHAPE),
      train: rate(tokens, trained, trainingFlops(SHAPE, rows, rowLength) / tokens),
      decode: decoded,
      ...(int8 && { decodeInt8: int8 }),
    }
  } finally {
    engine.close()
  }
}

const rate = (tokens: number, seconds: number, flopsPerToken: number): Rate => ({
  tokensPerSecond: tokens / seconds,
  gflops: (tokens * flopsPerToken) / seconds / 1e9,
})

/** From the first token of all sequences to their last. */
async function decodeSeconds(sampler: Pick<EmbeddedEngine, 'sample'>, batch: number): Promise<number> {
  let told = 0
  let started = 0
  const onToken = () => {
    if (++told === batch) started = performance.now()
  }
  const { promptLength, newTokens } = REAL
  const options = { maxTokens: newTokens + 1, temperature: 1, stopTokens: [] }
  await sampler.sample([{ prompt: promptTokens(promptLength), samples: batch, seed: 1, options, onToken }])
  return (performance.now() - started) / 1000
}

async function updateSeconds(engine: EmbeddedEngine): Promise<number> {
  const { rows, rowLength } = REAL
  const weights = new Float32Array(rowLength).fill(1 / (rows * rowLength))
  const batch = Array.from({ length: rows }, (_, row) => ({
    tokens: promptTokens(rowLength + 1, row),
    weights,
  }))
  return timed(async () => {
    await engine.forwardBackward(batch, crossEntropy)
    await engine.optimStep(ADAMW)
  })
}

export const promptTokens = (length: number, row = 0): Int32Array =>
  Int32Array.from({ length }, (_, i) => ((row * length + i + 1) * 7919) % SHAPE.vocabularySize)

/** The same weights for llama.cpp; the tokenizer only fills its place. */
export async function writeRealGguf(path: string): Promise<void> {
  const flat = repeatedWeights(SHAPE)
  let start = 0
  const weights = new Map(
    parameterSpecs(SHAPE).map(({ name, shape }) => {
      const values = flat.subarray(start, start + sizeOf(shape))
      start += values.length
      return [name, values]
    }),
  )
  const tokenizer = await loadTokenizer(await modelFolder('pocket-base'))
  await writeGgufModel(path, {
    config: SHAPE,
    name: 'SmolLM2-135M of random weights',
    dtype: 'F32',
    tokenizer: ggufTokenizer(tokenizer, SHAPE.vocabularySize).metadata,
    tensors: {
      tensors: new Map(),
      read: async (name) => weights.get(name)!.slice(),
      close: async () => {},
    },
  })
}
