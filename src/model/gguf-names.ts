/** Tensor names of GGUF for the Hugging Face names of Llama and Qwen2 decoders. */

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
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}

export function ggufName(name: string): string {
  const [, layer, part = '', kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? []
  const found = layer === undefined ? WHOLE[name] : IN_LAYER[part] && `blk.${layer}.${IN_LAYER[part]}.${kind}`
  if (found === undefined) throw new Error(`ggufName: ${name} has no GGUF name`)
  return found
}

/** llama.cpp rotates neighbouring rows in Llama models, and halves in Qwen2 models as Hugging Face does. */
export const isReordered = (architecture: string, name: string): boolean =>
  architecture === 'llama' && /self_attn\.[qk]_proj\./.test(name)
