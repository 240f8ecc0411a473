/** Mistral (arXiv 2310.06825): Llama, in which a token may see a window of those before it. */
import type { Architecture } from './architecture.ts'
import type { MistralConfig } from './config.ts'
import { groupedQueryCache } from './parts/grouped-query-attention.ts'
import { preNormLayer, preNormParameters } from './parts/pre-norm-layer.ts'

export const mistral = (config: MistralConfig): Architecture => ({
  cache: groupedQueryCache(config),
  layerParameters: () => preNormParameters(config),
  layer: (inputs) => preNormLayer(config, inputs),
  window: () => config.window,
})
