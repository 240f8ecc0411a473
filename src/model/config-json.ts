/** The shape of a decoder as Hugging Face's `config.json`, read and written; one file an architecture below it. */
import { z } from 'zod'
import { CheckpointError } from '../errors.ts'
import type { DecoderConfig, Head } from './config.ts'
import { deepseekV3FromHuggingFace, deepseekV3ToHuggingFace } from './deepseek-v3-config.ts'
import { groupedQueryFromHuggingFace, groupedQueryToHuggingFace } from './llama-config.ts'

const modelTypeSchema = z.looseObject({ model_type: z.string() })

/** Reads a parsed `config.json`; `file` names it in errors. */
export function decoderConfigFromHuggingFace(json: unknown, file = 'config.json'): DecoderConfig {
  const parsed = modelTypeSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new CheckpointError(`${issue.message}.`, { field: `${file}: ${issue.path.join('.')}` })
  }
  const { model_type: type } = parsed.data
  if (type === 'llama' || type === 'qwen2') return groupedQueryFromHuggingFace(json, file)
  if (type === 'deepseek_v3') return deepseekV3FromHuggingFace(json, file)
  throw new CheckpointError('not supported.', {
    field: `${file}: model_type`,
    value: type,
    expected: 'llama, qwen2 or deepseek_v3',
  })
}

/**
 * What transformers needs in `config.json` to open the checkpoint. A scalar head is a classifier of one label there,
 * `…ForSequenceClassification`.
 */
export function decoderConfigToHuggingFace(
  config: DecoderConfig,
  head: Head = 'tokens',
): Record<string, unknown> {
  const json =
    config.architecture === 'deepseek_v3'
      ? deepseekV3ToHuggingFace(config)
      : groupedQueryToHuggingFace(config)
  if (head === 'tokens') return json
  const architectures = (json.architectures as string[]).map((name) =>
    name.replace(/ForCausalLM$/, 'ForSequenceClassification'),
  )
  return { ...json, architectures, id2label: { 0: 'score' }, label2id: { score: 0 } }
}
