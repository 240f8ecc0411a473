/** Decoders of random weights, small enough to train in a test: two layers, four query heads over two of keys. */
import type { EmbeddedEngine, EmbeddedEngineOptions } from '../src/engine/embedded/embedded-engine.ts'
import { createEmbeddedEngine } from '../src/engine/embedded/local-engine.ts'
import type { DeepseekV3Config, GroupedQueryConfig, LlamaConfig } from '../src/model/config.ts'
import { initialWeights, parameterSpecs } from '../src/model/parameters.ts'
import { randomStream } from '../src/random.ts'

export const tinyConfig = (architecture: LlamaConfig['architecture']): LlamaConfig => ({
  architecture,
  vocabularySize: 40,
  hiddenSize: 32,
  intermediateSize: 48,
  numLayers: 2,
  numHeads: 4,
  numKeyValueHeads: 2,
  headSize: 8,
  maxPositions: 192,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 10_000,
  attentionBias: architecture === 'qwen2',
  tieEmbeddings: architecture === 'qwen2',
})

/** Every architecture with grouped-query attention; windows are shorter than the rows. */
export function tinyGroupedQuery(architecture: GroupedQueryConfig['architecture']): GroupedQueryConfig {
  if (architecture === 'llama' || architecture === 'qwen2') return tinyConfig(architecture)
  const { attentionBias: _, ...shape } = tinyConfig('llama')
  switch (architecture) {
    case 'qwen3':
      return { ...shape, architecture }
    case 'qwen3_moe':
      return {
        ...shape,
        architecture,
        denseLayers: [0],
        experts: { routed: 4, perToken: 2, size: 8, normalized: true },
      }
    case 'mistral':
      return { ...shape, architecture, window: 9 }
    case 'smollm3':
      return { ...shape, architecture, layersWithoutRope: [1] }
    case 'gemma3_text':
      return {
        ...shape,
        architecture,
        tieEmbeddings: true,
        globalLayers: [1],
        window: 9,
        localRopeTheta: 100,
        queryScale: 12,
      }
  }
}

/** Large steps, with decay and clipping, so that an update shows what each of its settings does. */
export const adamw = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradientClipNorm: 1,
}

/** Weights wide enough that its distributions are far from uniform. */
export function tinyEngine(
  architecture: GroupedQueryConfig['architecture'] = 'qwen2',
  options: Partial<EmbeddedEngineOptions> = {},
): EmbeddedEngine {
  const config = tinyGroupedQuery(architecture)
  const { seed = 0 } = options
  const weights = initialWeights(config, parameterSpecs(config), seed)
  const { normal } = randomStream(options.seed ?? 1, 'tiny weights')
  for (let i = 0; i < weights.length; i++) weights[i]! += 0.15 * normal()
  return createEmbeddedEngine({ config, weights, minRowLength: 64, ...options })
}

/** One dense layer, one with experts, and the module that predicts the token after the next one. */
export const tinyDeepseekV3: DeepseekV3Config = {
  architecture: 'deepseek_v3',
  vocabularySize: 20,
  hiddenSize: 16,
  intermediateSize: 24,
  numLayers: 2,
  numHeads: 2,
  latentSize: 8,
  plainHeadSize: 4,
  rotaryHeadSize: 4,
  valueHeadSize: 8,
  interleavedRotary: true,
  maxPositions: 64,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 10_000,
  tieEmbeddings: false,
  numDenseLayers: 1,
  experts: {
    routed: 4,
    perToken: 2,
    shared: 1,
    size: 8,
    groups: 1,
    groupsPerToken: 1,
    normalized: true,
    factor: 1,
  },
  numPredictionModules: 1,
}
