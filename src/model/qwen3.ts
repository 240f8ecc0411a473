/** Qwen3 (arXiv 2505.09388): Llama with norms of queries and keys. */
import type { Architecture } from './architecture.ts'
import type { Qwen3Config } from './config.ts'
import { groupedQueryCache } from './parts/grouped-query-attention.ts'
import { preNormLayer, preNormParameters } from './parts/pre-norm-layer.ts'

const TRAITS = { headNorms: true }

export const qwen3 = (config: Qwen3Config): Architecture => ({
  cache: groupedQueryCache(config),
  layerParameters: () => preNormParameters(config, TRAITS),
  layer: (inputs) => preNormLayer(config, inputs, TRAITS),
})
