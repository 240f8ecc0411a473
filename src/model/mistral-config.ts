/** The `config.json` of Mistral. */
import type { MistralConfig } from './config.ts'
import { groupedQueryFields, groupedQueryShape, groupedQueryToHuggingFace } from './grouped-query-json.ts'
import { parseConfig, sizeField } from './huggingface-config.ts'

const fields = { ...groupedQueryFields, sliding_window: sizeField.nullish() }

export function mistralFromHuggingFace(json: unknown, file: string): MistralConfig {
  const { c, unsupported } = parseConfig(fields, json, file)
  return {
    ...groupedQueryShape(c, unsupported),
    architecture: 'mistral',
    ...(c.sliding_window == null ? {} : { window: c.sliding_window }),
  }
}

export const mistralToHuggingFace = (config: MistralConfig): Record<string, unknown> => ({
  ...groupedQueryToHuggingFace('Mistral', config),
  // transformers reads 4096 where there is none.
  sliding_window: config.window ?? null,
})
