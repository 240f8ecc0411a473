/** Llama (arXiv 2407.21783) and Qwen2 (arXiv 2407.10671): RMSNorm, grouped-query attention with rotary positions, SwiGLU. */
import type { Architecture } from './architecture.ts'
import type { LlamaConfig } from './config.ts'
import { groupedQueryCache } from './parts/grouped-query-attention.ts'
import { preNormLayer, preNormParameters } from './parts/pre-norm-layer.ts'

export function llama(config: LlamaConfig): Architecture {
  const traits = { biased: config.attentionBias }
  return {
    cache: groupedQueryCache(config),
    layerParameters: () => preNormParameters(config, traits),
    layer: (inputs) => preNormLayer(config, inputs, traits),
  }
}
