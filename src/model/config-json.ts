/** The shape of a decoder as Hugging Face's `config.json`, read and written; one file an architecture below it. */
import { z } from 'zod'
import { CheckpointError } from '../errors.ts'
import type { DecoderConfig, Head } from './config.ts'
import { deepseekV3FromHuggingFace, deepseekV3ToHuggingFace } from './deepseek-v3-config.ts'
import { gemma3FromHuggingFace, gemma3ToHuggingFace } from './gemma3-config.ts'
import { llamaFromHuggingFace, llamaToHuggingFace } from './llama-config.ts'
import { mistralFromHuggingFace, mistralToHuggingFace } from './mistral-config.ts'
import {
  qwen3FromHuggingFace,
  qwen3MoeFromHuggingFace,
  qwen3MoeToHuggingFace,
  qwen3ToHuggingFace,
} from './qwen3-config.ts'
import { smolLM3FromHuggingFace, smolLM3ToHuggingFace } from './smollm3-config.ts'
import { unsupportedArchitecture } from './unsupported-architectures.ts'

const modelTypeSchema = z.looseObject({ model_type: z.string() })

/** Reads a parsed `config.json`; `file` names it in errors. */
export function decoderConfigFromHuggingFace(json: unknown, file = 'config.json'): DecoderConfig {
  const parsed = modelTypeSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new CheckpointError(`${issue.message}.`, { field: `${file}: ${issue.path.join('.')}` })
  }
  const { model_type: type } = parsed.data
  const read = READERS[type as DecoderConfig['architecture']]
  if (read === undefined) throw unsupportedArchitecture(`${file}: model_type`, type, Object.keys(READERS))
  return read(json, file)
}

/** By `model_type`. */
const READERS: Record<DecoderConfig['architecture'], (json: unknown, file: string) => DecoderConfig> = {
  llama: llamaFromHuggingFace,
  qwen2: llamaFromHuggingFace,
  qwen3: qwen3FromHuggingFace,
  qwen3_moe: qwen3MoeFromHuggingFace,
  mistral: mistralFromHuggingFace,
  smollm3: smolLM3FromHuggingFace,
  gemma3_text: gemma3FromHuggingFace,
  deepseek_v3: deepseekV3FromHuggingFace,
}

function toHuggingFace(config: DecoderConfig): Record<string, unknown> {
  switch (config.architecture) {
    case 'llama':
    case 'qwen2':
      return llamaToHuggingFace(config)
    case 'qwen3':
      return qwen3ToHuggingFace(config)
    case 'qwen3_moe':
      return qwen3MoeToHuggingFace(config)
    case 'mistral':
      return mistralToHuggingFace(config)
    case 'smollm3':
      return smolLM3ToHuggingFace(config)
    case 'gemma3_text':
      return gemma3ToHuggingFace(config)
    case 'deepseek_v3':
      return deepseekV3ToHuggingFace(config)
  }
}

/**
 * What transformers needs in `config.json` to open the checkpoint. A scalar head is a classifier of one label there,
 * `…ForSequenceClassification`.
 */
export function decoderConfigToHuggingFace(
  config: DecoderConfig,
  head: Head = 'tokens',
): Record<string, unknown> {
  const json = toHuggingFace(config)
  if (head === 'tokens') return json
  const architectures = (json.architectures as string[]).map((name) =>
    name.replace(/ForCausalLM$/, 'ForSequenceClassification'),
  )
  return { ...json, architectures, id2label: { 0: 'score' }, label2id: { score: 0 } }
}
