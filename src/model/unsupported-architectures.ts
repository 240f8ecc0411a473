/** Well-known architectures that this package cannot run, and what it lacks for each. */
import { CheckpointError } from '../errors.ts'

const MISSING: Readonly<Record<string, string>> = {
  qwen3_next: 'layers of linear attention (gated delta rule)',
  qwen3_5: 'layers of linear attention (gated delta rule)',
  qwen3_5_moe: 'layers of linear attention (gated delta rule)',
  llama4: 'chunked attention and experts beside dense layers of its kind',
  gemma2: 'soft-capped scores',
  gemma3: 'images: take its text model, whose model_type is gemma3_text',
  gemma3n: 'per-layer embeddings and activation sparsity',
  gpt_oss: 'attention sinks and MXFP4 experts',
  phi3: 'fused projections',
  mistral3: 'images',
  olmo2: 'norms after each part alone',
  granite: 'its multipliers',
  deepseek_v2: 'routing by a softmax within groups',
  deepseek2: "llama.cpp's layout of latent attention: take the model as safetensors",
  mamba: 'state-space layers',
  mamba2: 'state-space layers',
  jamba: 'state-space layers',
  falcon_h1: 'state-space layers',
  lfm2: 'convolution layers',
}

/** Text models of larger ones are named after them (llama4_text), and llama.cpp writes qwen35moe for qwen3_5_moe. */
const plain = (type: string): string => type.replace(/_text$/, '').replace(/[-_]/g, '')

/** `place` is where the architecture's name stands. */
export function unsupportedArchitecture(place: string, type: string, known: readonly string[]): Error {
  const missing = Object.entries(MISSING).find(([name]) => plain(name) === plain(type))?.[1]
  return new CheckpointError(
    missing === undefined ? 'not supported.' : `not supported: it needs ${missing}.`,
    {
      field: place,
      value: type,
      expected: `one of ${known.join(', ')}`,
    },
  )
}
