/** What a decoder costs by its shape alone: parameters, FLOPs a token, bytes of its cache. */
import { architectureOf } from '../model/architectures.ts'
import type { DecoderConfig, GroupedQueryConfig } from '../model/config.ts'
import { adaptedMatrices, type Lora } from '../model/lora.ts'
import { parameterSpecs } from '../model/parameters.ts'

/** Of weights and caches of the sampler, and of weights that are trained in mixed precision. */
export const BF16 = 2

export interface ModelCosts {
  /** Without the prediction module, which reinforcement learning does not train here. */
  parameters: number
  /** Of those, what one token is multiplied with: embedding and unchosen experts left out. */
  activeParameters: number
  /** Of routed experts. */
  expertParameters: number
  /** Routed experts that see a token, over all of them; 1 where there are none. */
  expertShare: number
  numLayers: number
  hiddenSize: number
  expertLayers: number
  predictionModule: boolean
  /** Bytes of keys and values a token. */
  cacheBytes: number
  /** FLOPs of one token's attention to one token before it, in all layers. */
  attentionFlops: number
  /** What AdamW moves. */
  trainedParameters: number
}

export function modelCosts(config: DecoderConfig, lora?: Lora): ModelCosts {
  const deepseek = config.architecture === 'deepseek_v3' ? config : undefined
  const specs = parameterSpecs(deepseek ? { ...deepseek, numPredictionModules: 0 } : config)
  const count = (counted: typeof specs) =>
    counted.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0)
  const parameters = count(specs)
  const expertParameters = count(specs.filter(({ name }) => name.includes('.mlp.experts.')))
  const experts = 'experts' in config ? config.experts : undefined
  const expertShare = experts === undefined ? 1 : experts.perToken / experts.routed
  // A tied embedding is the head too.
  const embedding = config.tieEmbeddings ? 0 : config.vocabularySize * config.hiddenSize
  const scores = deepseek
    ? deepseek.plainHeadSize + deepseek.rotaryHeadSize + deepseek.valueHeadSize
    : 2 * (config as GroupedQueryConfig).headSize
  const { planes, heads, size } = architectureOf(config).cache
  return {
    parameters,
    activeParameters: parameters - embedding - expertParameters * (1 - expertShare),
    expertParameters,
    expertShare,
    numLayers: config.numLayers,
    hiddenSize: config.hiddenSize,
    expertLayers: new Set(
      specs.flatMap(({ name }) => /\.layers\.(\d+)\.mlp\.experts\./.exec(name)?.[1] ?? []),
    ).size,
    predictionModule: (deepseek?.numPredictionModules ?? 0) > 0,
    cacheBytes: BF16 * config.numLayers * planes * heads * size,
    attentionFlops: 2 * config.numLayers * config.numHeads * scores,
    trainedParameters:
      lora === undefined
        ? parameters
        : adaptedMatrices(specs, lora).reduce((total, { a, b }) => total + count([a, b]), 0),
  }
}
