/** The memory that an update of Qwen2.5-0.5B's shape takes: adapters or all parameters, with or without savings. */
import { createEmbeddedEngine } from '../engine/embedded/local-engine.ts'
import { numWeights } from '../engine/embedded/weights.ts'
import { openRuntime } from '../loading/device.ts'
import { numParameters } from '../model/parameters.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import { QWEN_05B, repeatedWeights } from './real-shapes.ts'

export interface MemoryOptions {
  /** Tokens of the one row. */
  length: number
  /** Of the adapters on all linear maps; 0 trains all parameters. */
  rank: number
  recompute: boolean
  /** Logits of more bytes are computed in chunks. */
  logitBytes: number
}

export interface MemoryFigures extends MemoryOptions {
  parameters: number
  trained: number
  /** Resident bytes of the whole process: before the first update, and the most until the end of the second. */
  startBytes: number
  peakBytes: number
  secondsAnUpdate: number
}

export async function benchMemory(options: MemoryOptions, onUpdate: () => void): Promise<MemoryFigures> {
  const { length, rank, recompute, logitBytes } = options
  const engine = createEmbeddedEngine({
    runtime: await openRuntime(),
    config: QWEN_05B,
    weights: repeatedWeights(QWEN_05B),
    microBatchTokens: length,
    minRowLength: length,
    recompute,
    logitBytes,
    ...(rank > 0 ? { lora: { rank, alpha: 2 * rank, targets: ['all-linear'] } } : {}),
  })
  const tokens = Int32Array.from({ length: length + 1 }, (_, i) => (i * 7919) % QWEN_05B.vocabularySize)
  const data = [{ tokens, weights: new Float32Array(length).fill(1 / length) }]
  const startBytes = process.memoryUsage.rss()
  let secondsAnUpdate = 0
  for (let update = 0; update < 2; update++) {
    const started = performance.now()
    await engine.forwardBackward(data, crossEntropy)
    await engine.optimStep({
      learningRate: 1e-4,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0,
      gradientClipNorm: 1,
    })
    secondsAnUpdate = (performance.now() - started) / 1000
    onUpdate()
  }
  engine.close()
  return {
    ...options,
    parameters: numParameters(QWEN_05B),
    trained: numWeights(engine.gradient),
    startBytes,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    secondsAnUpdate,
  }
}
