/**
 * The memory of a device that training a published shape takes, counted from the plans of its graphs: nothing is run, so no
 * device is needed.
 */
import { decodeGraph } from '../engine/embedded/decode-graph.ts'
import { positionBytes } from '../engine/embedded/kv-cache.ts'
import { withPackedWeights } from '../engine/embedded/packed-weights.ts'
import { rewriteGraph } from '../engine/embedded/rewrite-graph.ts'
import { logitPartsOf, trainGraph } from '../engine/embedded/train-step.ts'
import { numWeights } from '../engine/embedded/weights.ts'
import { isPacked, type Packed, packedBytes } from '../graph/packed.ts'
import { type DType, sizeOf } from '../graph/tensor.ts'
import { DESKTOP_LIMITS } from '../graph/wgsl/memory.ts'
import { planGraph } from '../graph/wgsl/plan.ts'
import { adaptedMatrices, withAdapters } from '../model/lora.ts'
import { isMatrix, numParameters, type ParameterSpec, parameterSpecs } from '../model/parameters.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import type { Graph } from '../runtime/runtime.ts'
import { QWEN_05B, QWEN_15B } from './real-shapes.ts'

export const MEMORY_SHAPES = { '0.5B': QWEN_05B, '1.5B': QWEN_15B }

export interface DeviceMemoryOptions {
  shape: keyof typeof MEMORY_SHAPES
  /** Of the matrices beside adapters. */
  frozen: 'float32' | Packed
  /** Tokens of the one row. */
  length: number
  /** Of the adapters on all linear maps; 0 trains all parameters. */
  rank: number
  recompute: boolean
  logitBytes: number
  /** Sequences that decode together, with caches of so many positions. */
  slots: number
  capacity: number
}

/** In bytes. */
export interface DeviceMemory extends DeviceMemoryOptions {
  parameters: number
  trained: number
  /** The model as it is kept; what is trained with its gradient and AdamW's moments. */
  weights: number
  training: number
  cache: number
  /** The larger of what a training step and a step of decoding compute with. */
  activations: number
  total: number
}

export function deviceMemory(options: DeviceMemoryOptions): DeviceMemory {
  const { shape, frozen, length, rank, recompute, logitBytes, slots, capacity } = options
  const config = MEMORY_SHAPES[shape]
  const specs = parameterSpecs(config)
  const settings = { rank, alpha: 2 * rank, targets: ['all-linear'] }
  const matrices = rank === 0 ? [] : adaptedMatrices(specs, settings)
  const trained: readonly ParameterSpec[] = rank === 0 ? specs : matrices.flatMap(({ a, b }) => [a, b])
  const typeOf = (spec: ParameterSpec): DType => (rank > 0 && isMatrix(spec) ? frozen : 'float32')
  const packed = new Map(
    specs.flatMap((spec) => {
      const type = typeOf(spec)
      return isPacked(type) ? [[spec.name, type] as const] : []
    }),
  )
  const arena = (graph: Graph): number => {
    const { outputs = {}, assign = {} } = withPackedWeights(graph, packed)
    const { memory, buffers } = planGraph({ outputs, assign, limits: DESKTOP_LIMITS, cooperative: true })
    return [...buffers.feeds, ...buffers.constants].reduce((sum, bytes) => sum + bytes, memory.planned)
  }
  const train = trainGraph(config, specs, 1, length, crossEntropy, {
    ...{ recompute, logitParts: logitPartsOf(config, 1, length, logitBytes), fused: true },
    lora: rank === 0 ? undefined : { settings, matrices },
  })
  const decode = rewriteGraph(decodeGraph(config, specs, slots, capacity, 0, true), (tensors) =>
    withAdapters(tensors, matrices, settings),
  )
  const weights = specs.reduce((sum, spec) => {
    const type = typeOf(spec)
    const size = sizeOf(spec.shape)
    return sum + (isPacked(type) ? packedBytes(type, size) : 4 * size)
  }, 0)
  // Adapters are kept beside the weights; all parameters have theirs among them.
  const training = (rank === 0 ? 12 : 16) * numWeights({ specs: trained })
  const cache = slots * capacity * positionBytes(config)
  const activations = Math.max(arena(train), arena(decode))
  return {
    ...options,
    parameters: numParameters(config),
    trained: numWeights({ specs: trained }),
    ...{ weights, training, cache, activations, total: weights + training + cache + activations },
  }
}
