/** Where GGUF keeps the tensors of Hugging Face's decoders, by architecture. */
import type { DecoderConfig } from './config.ts'

/** GGUF's names of architectures. Mistral is a Llama there, without its window. */
export const GGUF_ARCHITECTURES: Readonly<Partial<Record<DecoderConfig['architecture'], string>>> = {
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
  qwen3_moe: 'qwen3moe',
  smollm3: 'smollm3',
  gemma3_text: 'gemma3',
}

const WHOLE: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
}
const IN_LAYER: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  'mlp.gate': 'ffn_gate_inp',
}
/** Which norms after the parts of a layer. */
const IN_GEMMA3: typeof IN_LAYER = {
  ...IN_LAYER,
  post_attention_layernorm: 'post_attention_norm',
  pre_feedforward_layernorm: 'ffn_norm',
  post_feedforward_layernorm: 'post_ffw_norm',
}

export interface GgufPlace {
  name: string
  /** The matrix is one of several in the tensor [experts, out, in]. */
  expert?: number
}

export function ggufPlace(architecture: DecoderConfig['architecture'], name: string): GgufPlace {
  const inLayer = architecture === 'gemma3_text' ? IN_GEMMA3 : IN_LAYER
  const [, layer, part = '', kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? []
  const [, expert, matrix] = /^mlp\.experts\.(\d+)\.(\w+)$/.exec(part) ?? []
  if (expert !== undefined)
    return { name: `blk.${layer}.${inLayer[`mlp.${matrix}`]}_exps.${kind}`, expert: Number(expert) }
  const found = layer === undefined ? WHOLE[name] : inLayer[part] && `blk.${layer}.${inLayer[part]}.${kind}`
  if (found === undefined) throw new Error(`ggufPlace: ${name} has no GGUF name`)
  return { name: found }
}

/** In these, llama.cpp rotates neighbouring rows; in others halves, as Hugging Face does. */
const REORDERED = new Set<string>(['llama', 'mistral', 'smollm3'] satisfies DecoderConfig['architecture'][])
export const isReordered = (architecture: string, name: string): boolean =>
  REORDERED.has(architecture) && /self_attn\.[qk]_proj\./.test(name)

/** GGUF has the 1 that norms of some architectures add to their parameter in the parameter. */
export const isNorm = (name: string): boolean => name.endsWith('norm.weight')
