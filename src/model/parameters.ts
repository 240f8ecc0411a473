/** The parameters of a decoder by their Hugging Face names, in checkpoint order, and their initial values. */
import { type RandomStream, randomStream } from '../random.ts'
import type { ParameterSpec } from './architecture.ts'
import { architectureOf } from './architectures.ts'
import { type DecoderConfig, type Head, hasPredictionModule } from './config.ts'
import { predictionParameters, SHARED_WITH_PREDICTION } from './parts/multi-token-prediction.ts'

export type { ParameterSpec }

export const SCALAR_HEAD = 'score.weight'

export function parameterSpecs(config: DecoderConfig, head: Head = 'tokens'): ParameterSpec[] {
  const { vocabularySize, hiddenSize: d, numLayers } = config
  const { layerParameters } = architectureOf(config)
  return [
    { name: 'model.embed_tokens.weight', shape: [vocabularySize, d] },
    ...Array.from({ length: numLayers }, (_, layer) => inLayer(layer, layerParameters(layer))).flat(),
    ...(hasPredictionModule(config)
      ? inLayer(numLayers, predictionParameters(config, layerParameters(numLayers)))
      : []),
    { name: 'model.norm.weight', shape: [d] },
    ...headParameters(config, head),
  ]
}

function headParameters(config: DecoderConfig, head: Head): ParameterSpec[] {
  const { vocabularySize, hiddenSize: d, tieEmbeddings } = config
  if (head === 'scalar') return [{ name: SCALAR_HEAD, shape: [1, d] }]
  return tieEmbeddings ? [] : [{ name: 'lm_head.weight', shape: [vocabularySize, d] }]
}

const inLayer = (layer: number, specs: readonly ParameterSpec[]): ParameterSpec[] =>
  specs.map((spec) => ({ ...spec, name: `model.layers.${layer}.${spec.name}` }))

/** Tensors that checkpoints hold a second time under another name, and the name of their first. */
export function repeatedTensors(config: DecoderConfig): { name: string; of: string }[] {
  if (!hasPredictionModule(config)) return []
  return Object.entries(SHARED_WITH_PREDICTION).map(([name, original]) => ({
    name: `model.layers.${config.numLayers}.${name}`,
    of: config.tieEmbeddings ? 'model.embed_tokens.weight' : original,
  }))
}

export const isMatrix = (spec: ParameterSpec): boolean => spec.shape.length >= 2

/**
 * Norms multiply by 1, biases are 0, matrices normal with standard deviation 0.02; projections that write to the residual stream
 * are divided by sqrt(2 · layers), as in GPT-2.
 */
export function initialize(
  config: DecoderConfig,
  spec: ParameterSpec,
  stream: RandomStream,
  into: Float32Array,
) {
  if (!isMatrix(spec)) {
    const { zeroCenteredNorms } = architectureOf(config)
    return void into.fill(/bias$/.test(spec.name) || zeroCenteredNorms ? 0 : 1)
  }
  const residual = /(o_proj|down_proj)\.weight$/.test(spec.name)
  const deviation = residual ? 0.02 / Math.sqrt(2 * config.numLayers) : 0.02
  for (let i = 0; i < into.length; i++) into[i] = deviation * stream.normal()
}

/** Those values of all parameters, end to end, from a seed. */
export function initialWeights(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  seed: number,
): Float32Array<ArrayBuffer> {
  const sizes = specs.map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  const flat = new Float32Array(sizes.reduce((a, b) => a + b, 0))
  let start = 0
  specs.forEach((spec, i) => {
    const values = flat.subarray(start, start + sizes[i]!)
    initialize(config, spec, randomStream(seed, 'initialize', spec.name), values)
    start += sizes[i]!
  })
  return flat
}

export const numParameters = (config: DecoderConfig): number =>
  parameterSpecs(config).reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0)
