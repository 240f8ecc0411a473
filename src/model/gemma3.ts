/**
 * Gemma 3's text model (arXiv 2503.19786): norms before and after each part of a layer, GeGLU, and local layers, which see a
 * window and turn by a base of their own, between global ones.
 */
import { add, mul, rmsNormalize } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { Architecture } from './architecture.ts'
import type { Gemma3Config } from './config.ts'
import {
  type AttentionTraits,
  attentionParameters,
  groupedQueryAttention,
  groupedQueryCache,
} from './parts/grouped-query-attention.ts'
import { feedForwardParameters, geglu, normalized } from './parts/projection.ts'

export function gemma3(config: Gemma3Config): Architecture {
  const { hiddenSize, intermediateSize, rmsNormEpsilon } = config
  const isLocal = (layer: number) => !config.globalLayers.includes(layer)
  const traits: AttentionTraits = {
    headNorms: true,
    zeroCenteredNorms: true,
    scale: 1 / Math.sqrt(config.queryScale),
  }
  const norm = (name: string) => ({ name: `${name}_layernorm.weight`, shape: [hiddenSize] })
  return {
    cache: groupedQueryCache(config),
    zeroCenteredNorms: true,
    embeddingScale: Math.sqrt(hiddenSize),
    window: (layer) => (isLocal(layer) ? config.window : undefined),
    ropeTable: (layer) => (isLocal(layer) ? 1 : 0),
    layerParameters: () => [
      norm('input'),
      ...attentionParameters(config, traits),
      norm('post_attention'),
      norm('pre_feedforward'),
      ...feedForwardParameters('mlp', intermediateSize, hiddenSize),
      norm('post_feedforward'),
    ],
    layer(inputs) {
      const { parameter, x_ND } = inputs
      const gain = (name: string) => add(parameter(`${name}_layernorm.weight`), 1)
      const before = (x: Tensor, name: string) => normalized(x, gain(name), rmsNormEpsilon)
      const after = (x: Tensor, name: string) => mul(rmsNormalize(x, rmsNormEpsilon), gain(name))
      const project = before(x_ND, 'input')
      const { output_ND, cached } = groupedQueryAttention(config, { ...inputs, project }, traits)
      const middle_ND = add(x_ND, after(output_ND, 'post_attention'))
      const y_ND = geglu(before(middle_ND, 'pre_feedforward'), parameter)
      return { x_ND: add(middle_ND, after(y_ND, 'post_feedforward')), cached }
    },
  }
}
