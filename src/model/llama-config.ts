/** The `config.json` of Llama and Qwen2, the distilled models' architectures (R1 §2.4). */
import type { LlamaConfig } from './config.ts'
import { groupedQueryFields, groupedQueryShape, groupedQueryToHuggingFace } from './grouped-query-json.ts'
import { parseConfig } from './huggingface-config.ts'

export function llamaFromHuggingFace(json: unknown, file: string): LlamaConfig {
  const { c, unsupported } = parseConfig(groupedQueryFields, json, file)
  if (c.model_type === 'llama')
    return { ...groupedQueryShape(c, unsupported), architecture: 'llama', attentionBias: false }
  // Qwen2 has biases whatever its file says.
  const shape = groupedQueryShape({ ...c, attention_bias: false }, unsupported)
  return { ...shape, architecture: 'qwen2', attentionBias: true }
}

export const llamaToHuggingFace = (config: LlamaConfig): Record<string, unknown> =>
  groupedQueryToHuggingFace(config.architecture === 'llama' ? 'Llama' : 'Qwen2', config)
