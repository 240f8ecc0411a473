/** Llama (arXiv 2407.21783) and Qwen2 (arXiv 2407.10671): RMSNorm, grouped-query attention with rotary positions, SwiGLU. */
import { add } from '../graph/operations.ts'
import type { Architecture, ParameterSpec } from './architecture.ts'
import type { GroupedQueryConfig } from './config.ts'
import { groupedQueryAttention, groupedQueryCache } from './parts/grouped-query-attention.ts'
import { normalized, swiglu } from './parts/projection.ts'

export const llama = (config: GroupedQueryConfig): Architecture => ({
  cache: groupedQueryCache(config),
  layerParameters: () => layerParameters(config),
  layer(inputs) {
    const { parameter, x_ND } = inputs
    const norm = (x: typeof x_ND, name: string) =>
      normalized(x, parameter(`${name}.weight`), config.rmsNormEpsilon, inputs.attend.fused !== undefined)
    const project = norm(x_ND, 'input_layernorm')
    const { output_ND, cached } = groupedQueryAttention(config, { ...inputs, project })
    const middle_ND = add(x_ND, output_ND)
    return { x_ND: add(middle_ND, swiglu(norm(middle_ND, 'post_attention_layernorm'), parameter)), cached }
  },
})

function layerParameters(config: GroupedQueryConfig): ParameterSpec[] {
  const { hiddenSize: d, intermediateSize: f, attentionBias } = config
  const q = config.numHeads * config.headSize
  const kv = config.numKeyValueHeads * config.headSize
  const projection = (name: string, size: number): ParameterSpec[] => [
    { name: `self_attn.${name}.weight`, shape: [size, d] },
    ...(attentionBias ? [{ name: `self_attn.${name}.bias`, shape: [size] }] : []),
  ]
  return [
    { name: 'input_layernorm.weight', shape: [d] },
    ...projection('q_proj', q),
    ...projection('k_proj', kv),
    ...projection('v_proj', kv),
    { name: 'self_attn.o_proj.weight', shape: [d, q] },
    { name: 'post_attention_layernorm.weight', shape: [d] },
    { name: 'mlp.gate_proj.weight', shape: [f, d] },
    { name: 'mlp.up_proj.weight', shape: [f, d] },
    { name: 'mlp.down_proj.weight', shape: [d, f] },
  ]
}
