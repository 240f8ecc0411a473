/** The model that benchmarks agree on: 3.2M parameters, 32 rows of 128 tokens a step. */
import type { EmbeddedEngine, OpenRuntime } from '../engine/embedded/embedded-engine.ts'
import { createEmbeddedEngine } from '../engine/embedded/local-engine.ts'
import type { LlamaConfig } from '../model/config.ts'

export const REFERENCE: LlamaConfig = {
  architecture: 'llama',
  vocabularySize: 64,
  hiddenSize: 256,
  intermediateSize: 704,
  numLayers: 4,
  numHeads: 4,
  numKeyValueHeads: 4,
  headSize: 64,
  maxPositions: 256,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 10_000,
  attentionBias: false,
  tieEmbeddings: false,
}
export const ROWS = 32
export const ROW_LENGTH = 128

export const referenceEngine = (runtime: OpenRuntime): EmbeddedEngine =>
  createEmbeddedEngine({
    runtime,
    config: REFERENCE,
    seed: 1,
    microBatchTokens: ROWS * ROW_LENGTH,
    minRowLength: ROW_LENGTH,
  })

/**
 * Floating-point operations of the matrix products of one training step, forward and backward: 6 for each weight of a
 * matrix and token, 12 · layers · hidden for each pair of tokens in a row (masked pairs are computed too).
 */
export function trainingFlops(config: LlamaConfig, rows: number, length: number): number {
  const {
    hiddenSize: d,
    numHeads,
    numKeyValueHeads,
    headSize,
    intermediateSize,
    numLayers,
    vocabularySize,
  } = config
  const attention = 2 * d * numHeads * headSize + 2 * d * numKeyValueHeads * headSize
  const weights = numLayers * (attention + 3 * d * intermediateSize) + vocabularySize * d
  const tokens = rows * length
  return 6 * weights * tokens + 12 * numLayers * numHeads * headSize * length * tokens
}
