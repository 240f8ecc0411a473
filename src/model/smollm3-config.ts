/** The `config.json` of SmolLM3. */
import { z } from 'zod'
import type { SmolLM3Config } from './config.ts'
import { groupedQueryFields, groupedQueryShape, groupedQueryToHuggingFace } from './grouped-query-json.ts'
import { parseConfig, sizeField } from './huggingface-config.ts'

const fields = {
  ...groupedQueryFields,
  /** 1 where a layer is rotated, 0 where it is not. */
  no_rope_layers: z.array(z.int()).nullish(),
  no_rope_layer_interval: sizeField.optional(),
}

export function smolLM3FromHuggingFace(json: unknown, file: string): SmolLM3Config {
  const { c, unsupported } = parseConfig(fields, json, file)
  const shape = groupedQueryShape(c, unsupported)
  const interval = c.no_rope_layer_interval ?? 4
  const isRotated = (layer: number) => c.no_rope_layers?.[layer] ?? Number((layer + 1) % interval !== 0)
  return {
    ...shape,
    // transformers ties them where the file says nothing.
    tieEmbeddings: c.tie_word_embeddings ?? true,
    architecture: 'smollm3',
    layersWithoutRope: Array.from({ length: shape.numLayers }, (_, layer) => layer).filter(
      (layer) => isRotated(layer) === 0,
    ),
  }
}

export const smolLM3ToHuggingFace = (config: SmolLM3Config): Record<string, unknown> => ({
  ...groupedQueryToHuggingFace('SmolLM3', config),
  no_rope_layers: Array.from({ length: config.numLayers }, (_, layer) =>
    Number(!config.layersWithoutRope.includes(layer)),
  ),
  attention_bias: false,
  use_sliding_window: false,
})
