/** The shapes of three published models, with weights that are random but quickly made. */
import type { LlamaConfig } from '../model/config.ts'
import { numParameters } from '../model/parameters.ts'
import { randomStream } from '../random.ts'

const SHARED = { headSize: 64, maxPositions: 2048, tieEmbeddings: true }

/** 494M parameters. */
export const QWEN_05B: LlamaConfig = {
  ...SHARED,
  architecture: 'qwen2',
  vocabularySize: 151_936,
  hiddenSize: 896,
  intermediateSize: 4864,
  numLayers: 24,
  numHeads: 14,
  numKeyValueHeads: 2,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 1_000_000,
  attentionBias: true,
}

/** 1.54 billion parameters. */
export const QWEN_15B: LlamaConfig = {
  ...QWEN_05B,
  hiddenSize: 1536,
  intermediateSize: 8960,
  numLayers: 28,
  numHeads: 12,
  headSize: 128,
}

/** 135M parameters. */
export const SMOLLM2_135M: LlamaConfig = {
  ...SHARED,
  architecture: 'llama',
  vocabularySize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  numLayers: 30,
  numHeads: 9,
  numKeyValueHeads: 3,
  rmsNormEpsilon: 1e-5,
  ropeTheta: 100_000,
  attentionBias: false,
}

/** The same million normal numbers over and over: drawing 494 million takes longer than what is measured. */
export function repeatedWeights(config: LlamaConfig): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(numParameters(config))
  const { normal } = randomStream(1, 'repeated weights')
  const block = Math.min(1_000_003, weights.length)
  for (let i = 0; i < block; i++) weights[i] = 0.02 * normal()
  for (let i = block; i < weights.length; i += block)
    weights.copyWithin(i, 0, Math.min(block, weights.length - i))
  return weights
}
