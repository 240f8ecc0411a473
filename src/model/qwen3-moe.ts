/** Qwen3 with experts (arXiv 2505.09388): routed by a softmax over all, none of them shared. */
import { mul, rmsNormalize } from '../graph/operations.ts'
import type { Architecture, ParameterSpec } from './architecture.ts'
import type { Qwen3MoeConfig } from './config.ts'
import { groupedQueryCache } from './parts/grouped-query-attention.ts'
import { routedExperts, softmaxRoute } from './parts/mixture-of-experts.ts'
import { preNormLayer, preNormParameters } from './parts/pre-norm-layer.ts'
import { feedForwardParameters } from './parts/projection.ts'

const TRAITS = { headNorms: true }

export const qwen3Moe = (config: Qwen3MoeConfig): Architecture => ({
  cache: groupedQueryCache(config),
  layerParameters: (layer) =>
    preNormParameters(
      config,
      TRAITS,
      config.denseLayers.includes(layer) ? undefined : expertParameters(config),
    ),
  layer(inputs) {
    if (config.denseLayers.includes(inputs.layer)) return preNormLayer(config, inputs, TRAITS)
    const { parameter } = inputs
    return preNormLayer(config, inputs, TRAITS, (middle_ND) => {
      const unit_ND = rmsNormalize(middle_ND, config.rmsNormEpsilon)
      const x_ND = mul(unit_ND, parameter('post_attention_layernorm.weight'))
      const routing = softmaxRoute(config.experts, x_ND, parameter('mlp.gate.weight'))
      return { output_ND: routedExperts(config.experts, x_ND, routing, parameter), routing }
    })
  },
})

const expertParameters = ({ hiddenSize, experts }: Qwen3MoeConfig): ParameterSpec[] => [
  { name: 'mlp.gate.weight', shape: [experts.routed, hiddenSize] },
  ...Array.from({ length: experts.routed }, (_, i) =>
    feedForwardParameters(`mlp.experts.${i}`, experts.size, hiddenSize),
  ).flat(),
]
