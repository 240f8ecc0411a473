/** SmolLM3: Llama, in which some layers know no positions (arXiv 2501.18795). */
import type { Architecture } from './architecture.ts'
import type { SmolLM3Config } from './config.ts'
import { groupedQueryCache } from './parts/grouped-query-attention.ts'
import { preNormLayer, preNormParameters } from './parts/pre-norm-layer.ts'

export const smolLM3 = (config: SmolLM3Config): Architecture => ({
  cache: groupedQueryCache(config),
  layerParameters: () => preNormParameters(config),
  layer: (inputs) =>
    preNormLayer(config, inputs, { unrotated: config.layersWithoutRope.includes(inputs.layer) }),
})
