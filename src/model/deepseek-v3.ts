/**
 * DeepSeek-V3, the architecture of R1 (arXiv 2412.19437): multi-head latent attention, and experts in
 * all layers but the first few.
 */
import { add, mul, rmsNormalize } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { Architecture, ParameterSpec } from './architecture.ts'
import type { DeepseekV3Config } from './config.ts'
import { latentAttention, latentCache } from './parts/latent-attention.ts'
import { mixtureOfExperts } from './parts/mixture-of-experts.ts'
import { feedForwardParameters, normalized, swiglu } from './parts/projection.ts'

export const deepseekV3 = (config: DeepseekV3Config): Architecture => ({
  cache: latentCache(config),
  layerParameters: (layer) => layerParameters(config, layer),
  layer(inputs) {
    const { parameter, x_ND, layer } = inputs
    const { rmsNormEpsilon, experts } = config
    const project = normalized(x_ND, parameter('input_layernorm.weight'), rmsNormEpsilon)
    const { output_ND, cached } = latentAttention(config, { ...inputs, project })
    const middle_ND = add(x_ND, output_ND)
    const gain_D = parameter('post_attention_layernorm.weight')
    const after = (y_ND: Tensor) => ({ x_ND: add(middle_ND, y_ND), cached })
    if (!hasExperts(config, layer))
      return after(swiglu(normalized(middle_ND, gain_D, rmsNormEpsilon), parameter))
    const normal_ND = mul(rmsNormalize(middle_ND, rmsNormEpsilon), gain_D)
    const { output_ND: y_ND, routing } = mixtureOfExperts(experts, normal_ND, parameter)
    return { ...after(y_ND), routing }
  },
})

const hasExperts = ({ numDenseLayers }: DeepseekV3Config, layer: number): boolean => layer >= numDenseLayers

function layerParameters(config: DeepseekV3Config, layer: number): ParameterSpec[] {
  const { hiddenSize: d, numHeads: h, queryRank, latentSize, experts } = config
  const query = h * (config.plainHeadSize + config.rotaryHeadSize)
  return [
    { name: 'input_layernorm.weight', shape: [d] },
    ...(queryRank === undefined
      ? [{ name: 'self_attn.q_proj.weight', shape: [query, d] }]
      : [
          { name: 'self_attn.q_a_proj.weight', shape: [queryRank, d] },
          { name: 'self_attn.q_a_layernorm.weight', shape: [queryRank] },
          { name: 'self_attn.q_b_proj.weight', shape: [query, queryRank] },
        ]),
    { name: 'self_attn.kv_a_proj_with_mqa.weight', shape: [latentSize + config.rotaryHeadSize, d] },
    { name: 'self_attn.kv_a_layernorm.weight', shape: [latentSize] },
    {
      name: 'self_attn.kv_b_proj.weight',
      shape: [h * (config.plainHeadSize + config.valueHeadSize), latentSize],
    },
    { name: 'self_attn.o_proj.weight', shape: [d, h * config.valueHeadSize] },
    { name: 'post_attention_layernorm.weight', shape: [d] },
    ...(hasExperts(config, layer)
      ? [
          { name: 'mlp.gate.weight', shape: [experts.routed, d] },
          { name: 'mlp.gate.e_score_correction_bias', shape: [experts.routed], buffer: true as const },
          ...Array.from({ length: experts.routed }, (_, i) =>
            feedForwardParameters(`mlp.experts.${i}`, experts.size, d),
          ).flat(),
          ...feedForwardParameters('mlp.shared_experts', experts.shared * experts.size, d),
        ]
      : feedForwardParameters('mlp', config.intermediateSize, d)),
  ]
}
