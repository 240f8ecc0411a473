/** Shapes of published models, for what needs no weights: planning a run. By the hub's name. */
import type { DecoderConfig, GroupedQueryConfig } from './config.ts'

const QWEN25: Omit<
  GroupedQueryConfig,
  'vocabularySize' | 'hiddenSize' | 'intermediateSize' | 'numHeads' | 'numKeyValueHeads' | 'tieEmbeddings'
> = {
  architecture: 'qwen2',
  numLayers: 28,
  headSize: 128,
  maxPositions: 131_072,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 1_000_000,
  attentionBias: true,
}

export const PUBLISHED_SHAPES: Record<string, DecoderConfig> = {
  'Qwen2.5-1.5B': {
    ...QWEN25,
    vocabularySize: 151_936,
    hiddenSize: 1536,
    intermediateSize: 8960,
    numHeads: 12,
    numKeyValueHeads: 2,
    tieEmbeddings: true,
  },
  'Qwen2.5-7B': {
    ...QWEN25,
    vocabularySize: 152_064,
    hiddenSize: 3584,
    intermediateSize: 18_944,
    numHeads: 28,
    numKeyValueHeads: 4,
    tieEmbeddings: false,
  },
  'DeepSeek-V3-Base': {
    architecture: 'deepseek_v3',
    vocabularySize: 129_280,
    hiddenSize: 7168,
    intermediateSize: 18_432,
    numLayers: 61,
    numHeads: 128,
    queryRank: 1536,
    latentSize: 512,
    plainHeadSize: 128,
    rotaryHeadSize: 64,
    valueHeadSize: 128,
    interleavedRotary: true,
    maxPositions: 163_840,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10_000,
    ropeScaling: {
      type: 'yarn',
      factor: 40,
      originalPositions: 4096,
      betaFast: 32,
      betaSlow: 1,
      mscale: 1,
      mscaleAllDim: 1,
    },
    numDenseLayers: 3,
    experts: {
      routed: 256,
      perToken: 8,
      shared: 1,
      size: 2048,
      groups: 8,
      groupsPerToken: 4,
      normalized: true,
      factor: 2.5,
    },
    numPredictionModules: 1,
    tieEmbeddings: false,
  },
}
