import { describe, expect, it } from 'vitest'
import { CheckpointError } from '../errors.ts'
import { architectureOf } from './architectures.ts'
import type { DecoderConfig, DeepseekV3Config } from './config.ts'
import { decoderConfigFromHuggingFace, decoderConfigToHuggingFace } from './config-json.ts'
import { isMatrix, numParameters, parameterSpecs, repeatedTensors } from './parameters.ts'
import { PUBLISHED_SHAPES } from './published-shapes.ts'
import { yarnFactors } from './rope.ts'
import { unsupportedArchitecture } from './unsupported-architectures.ts'

/** What transformers writes for Llama 3.1 8B, in the fields that matter. */
const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  hidden_act: 'silu',
  hidden_size: 4096,
  intermediate_size: 14_336,
  max_position_embeddings: 131_072,
  mlp_bias: false,
  model_type: 'llama',
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_scaling: {
    factor: 8,
    high_freq_factor: 4,
    low_freq_factor: 1,
    original_max_position_embeddings: 8192,
    rope_type: 'llama3',
  },
  rope_theta: 500_000,
  tie_word_embeddings: false,
  vocab_size: 128_256,
}
const QWEN = {
  hidden_act: 'silu',
  hidden_size: 1536,
  intermediate_size: 8960,
  max_position_embeddings: 131_072,
  max_window_layers: 21,
  model_type: 'qwen2',
  num_attention_heads: 12,
  num_hidden_layers: 28,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  sliding_window: 4096,
  tie_word_embeddings: false,
  use_sliding_window: false,
  vocab_size: 151_936,
}

/** DeepSeek-V3's and R1's own (arXiv 2412.19437). */
const DEEPSEEK = {
  attention_bias: false,
  first_k_dense_replace: 3,
  hidden_act: 'silu',
  hidden_size: 7168,
  intermediate_size: 18_432,
  kv_lora_rank: 512,
  max_position_embeddings: 163_840,
  model_type: 'deepseek_v3',
  moe_intermediate_size: 2048,
  moe_layer_freq: 1,
  n_group: 8,
  n_routed_experts: 256,
  n_shared_experts: 1,
  norm_topk_prob: true,
  num_attention_heads: 128,
  num_experts_per_tok: 8,
  num_hidden_layers: 61,
  num_key_value_heads: 128,
  num_nextn_predict_layers: 1,
  q_lora_rank: 1536,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  rms_norm_eps: 1e-6,
  rope_scaling: {
    beta_fast: 32,
    beta_slow: 1,
    factor: 40,
    mscale: 1,
    mscale_all_dim: 1,
    original_max_position_embeddings: 4096,
    type: 'yarn',
  },
  rope_theta: 10_000,
  routed_scaling_factor: 2.5,
  scoring_func: 'sigmoid',
  tie_word_embeddings: false,
  topk_group: 4,
  topk_method: 'noaux_tc',
  v_head_dim: 128,
  vocab_size: 129_280,
}

/** Gemma 3 1B's own, as the hub and as transformers 5 spell it. */
const GEMMA3 = {
  attention_bias: false,
  attn_logit_softcapping: null,
  final_logit_softcapping: null,
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh',
  hidden_size: 1152,
  intermediate_size: 6912,
  max_position_embeddings: 32_768,
  model_type: 'gemma3_text',
  num_attention_heads: 4,
  num_hidden_layers: 26,
  num_key_value_heads: 1,
  query_pre_attn_scalar: 256,
  rms_norm_eps: 1e-6,
  rope_local_base_freq: 10_000,
  rope_scaling: null,
  rope_theta: 1_000_000,
  sliding_window: 512,
  sliding_window_pattern: 6,
  vocab_size: 262_144,
}
const { rope_theta, rope_local_base_freq, rope_scaling, sliding_window_pattern, ...GEMMA3_REST } = GEMMA3
const GEMMA3_TRANSFORMERS_5 = {
  ...GEMMA3_REST,
  layer_types: Array.from({ length: 26 }, (_, layer) =>
    layer % 6 === 5 ? 'full_attention' : 'sliding_attention',
  ),
  rope_parameters: {
    full_attention: { rope_type: 'default', rope_theta: 1_000_000 },
    sliding_attention: { rope_type: 'default', rope_theta: 10_000 },
  },
}
/** Qwen3-30B-A3B's. */
const QWEN3_MOE = {
  attention_bias: false,
  decoder_sparse_step: 1,
  head_dim: 128,
  hidden_act: 'silu',
  hidden_size: 2048,
  intermediate_size: 6144,
  max_position_embeddings: 40_960,
  mlp_only_layers: [],
  model_type: 'qwen3_moe',
  moe_intermediate_size: 768,
  norm_topk_prob: true,
  num_attention_heads: 32,
  num_experts: 128,
  num_experts_per_tok: 8,
  num_hidden_layers: 48,
  num_key_value_heads: 4,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 1_000_000,
  tie_word_embeddings: false,
  use_sliding_window: false,
  vocab_size: 151_936,
}

describe('decoderConfigFromHuggingFace', () => {
  it('reads Llama 8B', () => {
    expect(decoderConfigFromHuggingFace(LLAMA)).toEqual({
      architecture: 'llama',
      vocabularySize: 128_256,
      hiddenSize: 4096,
      intermediateSize: 14_336,
      numLayers: 32,
      numHeads: 32,
      numKeyValueHeads: 8,
      headSize: 128,
      maxPositions: 131_072,
      rmsNormEpsilon: 1e-5,
      ropeTheta: 500_000,
      ropeScaling: {
        type: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalPositions: 8192,
      },
      attentionBias: false,
      tieEmbeddings: false,
    } satisfies DecoderConfig)
  })

  it('reads Qwen 1.5B, biases and all', () => {
    const config = decoderConfigFromHuggingFace(QWEN)
    expect(config).toMatchObject({ architecture: 'qwen2', headSize: 128, attentionBias: true })
    expect(config).not.toHaveProperty('ropeScaling')
  })

  it('reads the rope_parameters of newer files', () => {
    const { rope_theta: _, ...rest } = QWEN
    const rope_parameters = { rope_type: 'default', rope_theta: 7 }
    expect(decoderConfigFromHuggingFace({ ...rest, rope_parameters }).ropeTheta).toBe(7)
  })

  it('reads Gemma 3 1B in both spellings', () => {
    const expected = PUBLISHED_SHAPES['gemma-3-1b-pt']
    expect(decoderConfigFromHuggingFace(GEMMA3)).toEqual(expected)
    expect(decoderConfigFromHuggingFace(GEMMA3_TRANSFORMERS_5)).toEqual(expected)
  })

  it('reads where the experts of Qwen3 stand', () => {
    expect(decoderConfigFromHuggingFace(QWEN3_MOE)).toMatchObject({
      denseLayers: [],
      experts: { routed: 128, perToken: 8, size: 768, normalized: true },
    })
    const sparse = { ...QWEN3_MOE, num_hidden_layers: 4, decoder_sparse_step: 2, mlp_only_layers: [3] }
    expect(decoderConfigFromHuggingFace(sparse)).toMatchObject({ denseLayers: [0, 2, 3] })
    expect(numParameters(decoderConfigFromHuggingFace(QWEN3_MOE))).toBe(30_532_122_624)
  })

  it.each([
    ['qwen3_5_moe_text', 'linear attention'],
    ['qwen3_next', 'linear attention'],
    ['llama4_text', 'chunked attention'],
    ['gemma2', 'soft-capped scores'],
  ])('%s: what it needs that is not here', (type, missing) => {
    expect(() => decoderConfigFromHuggingFace({ ...LLAMA, model_type: type })).toThrow(
      new RegExp(`model_type is "${type}": not supported: it needs .*${missing}`),
    )
  })

  it.each([
    ['qwen35moe', 'linear attention'],
    ['qwen3next', 'linear attention'],
    ['llama4', 'chunked attention'],
    ['gpt-oss', 'attention sinks'],
    ['deepseek2', 'safetensors'],
  ])("%s: so do llama.cpp's names", (type, missing) => {
    expect(unsupportedArchitecture('m.gguf: general.architecture', type, ['llama']).message).toMatch(
      new RegExp(`^m\\.gguf: general\\.architecture is "${type}": not supported: it needs .*${missing}`),
    )
  })

  it('as many key-value heads as heads where none are told', () => {
    const { num_key_value_heads: _, ...rest } = QWEN
    expect(decoderConfigFromHuggingFace(rest)).toHaveProperty('numKeyValueHeads', 12)
  })

  it.each([
    [{ ...LLAMA, model_type: 'mamba' }, 'model_type is "mamba"', 'one of llama, qwen2, .*, deepseek_v3'],
    [{ ...LLAMA, hidden_act: 'gelu' }, 'hidden_act is "gelu"', 'silu'],
    [{ ...LLAMA, mlp_bias: true }, 'mlp_bias is true', 'false'],
    [{ ...LLAMA, attention_bias: true }, 'attention_bias is true', 'false'],
    [{ ...QWEN, use_sliding_window: true }, 'use_sliding_window is true', 'false'],
    [
      { ...QWEN, rope_scaling: { type: 'yarn', factor: 4 } },
      'rope_scaling.rope_type is "yarn"',
      'llama3, linear or default',
    ],
    [{ ...QWEN, num_attention_heads: 5 }, 'num_attention_heads is 5', 'a divisor of hidden_size'],
    [{ ...QWEN, num_key_value_heads: 5 }, 'num_key_value_heads is 5', 'a divisor of the 12 heads'],
    [{ ...DEEPSEEK, scoring_func: 'softmax' }, 'scoring_func is "softmax"', 'sigmoid'],
    [{ ...DEEPSEEK, n_group: 7 }, 'n_group is 7', 'a divisor of n_routed_experts 256'],
    [{ ...DEEPSEEK, num_experts_per_tok: 129 }, 'num_experts_per_tok is 129', 'at most the 128 of 4 groups'],
    [{ ...DEEPSEEK, topk_group: 9 }, 'topk_group is 9', 'at most n_group 8'],
    [{ ...QWEN, head_dim: 7 }, 'head_dim is 7', 'an even number'],
    [{ ...GEMMA3, final_logit_softcapping: 30 }, 'final_logit_softcapping is 30', 'null'],
    [{ ...GEMMA3, hidden_activation: 'silu' }, 'hidden_activation is "silu"', 'gelu_pytorch_tanh'],
    [{ ...QWEN3_MOE, num_experts_per_tok: 129 }, 'num_experts_per_tok is 129', 'at most the 128 experts'],
  ])('%#: one sentence with file, field and what is supported', (json, place, expected) => {
    const read = () => decoderConfigFromHuggingFace(json, 'somewhere/config.json')
    expect(read).toThrow(CheckpointError)
    expect(read).toThrow(new RegExp(`^somewhere/config\\.json: ${place}: .*Expected ${expected}.*\\.$`))
  })

  it.each([
    [{ ...QWEN, hidden_size: undefined }, 'hidden_size'],
    [{ ...QWEN, vocab_size: 0.5 }, 'vocab_size'],
    [{ ...QWEN, rope_scaling: { factor: 'x' } }, 'rope_scaling.factor'],
    [{ ...DEEPSEEK, kv_lora_rank: undefined }, 'kv_lora_rank'],
    [{}, 'model_type'],
  ])('%#: a field that is missing or of the wrong type is named', (json, field) => {
    expect(() => decoderConfigFromHuggingFace(json, 'c.json')).toThrow(new RegExp(`^c\\.json: ${field}: `))
  })

  it.each([
    LLAMA,
    QWEN,
    DEEPSEEK,
    { ...DEEPSEEK, q_lora_rank: null, rope_scaling: null },
    { ...QWEN, tie_word_embeddings: true, head_dim: 64 },
    { ...LLAMA, rope_scaling: { rope_type: 'linear', factor: 8 } },
    { ...GEMMA3, rope_scaling: { rope_type: 'linear', factor: 8 } },
    QWEN3_MOE,
  ])('%#: there and back', (json) => {
    const config = decoderConfigFromHuggingFace(json)
    expect(decoderConfigFromHuggingFace(decoderConfigToHuggingFace(config))).toEqual(config)
  })
})

describe('DeepSeek-V3', () => {
  const config = decoderConfigFromHuggingFace(DEEPSEEK) as DeepseekV3Config

  it('keeps 576 numbers a token and layer (arXiv 2412.19437)', () => {
    expect(architectureOf(config).cache).toEqual({ planes: 1, heads: 1, size: 576 })
  })

  it('has YaRN’s temperature on the scores, not on the tables', () => {
    const { tables, scores } = yarnFactors(config.ropeScaling!)
    expect(tables).toBe(1)
    expect(Math.sqrt(scores)).toBeCloseTo(1.3689, 4)
  })
})

describe('parameters', () => {
  const shapeOf = (json: object) =>
    new Map(parameterSpecs(decoderConfigFromHuggingFace(json)).map((spec) => [spec.name, spec.shape]))

  it('counts those of the published models', () => {
    expect(numParameters(decoderConfigFromHuggingFace(LLAMA))).toBe(8_030_261_248)
    expect(numParameters(decoderConfigFromHuggingFace(QWEN))).toBe(1_777_088_000)
  })

  it.each([
    ['Qwen2.5-0.5B', 494_032_768],
    ['SmolLM2-135M', 134_515_008],
    ['Qwen2.5-1.5B', 1_543_714_304],
    ['Qwen2.5-3B', 3_085_938_688],
    ['Qwen3-0.6B', 596_049_920],
    ['Qwen3-1.7B', 1_720_574_976],
    ['gemma-3-270m', 268_098_176],
    ['gemma-3-1b-pt', 999_885_952],
    ['SmolLM3-3B-Base', 3_075_098_624],
    ['Llama-3.2-1B', 1_235_814_400],
  ])('counts those of %s', (name, count) => {
    expect(numParameters(PUBLISHED_SHAPES[name]!)).toBe(count)
  })

  it('counts those of DeepSeek-V3, with and without the module that predicts further', () => {
    const config = decoderConfigFromHuggingFace(DEEPSEEK)
    const repeated = repeatedTensors(config).map(({ name }) => name)
    expect(repeated).toEqual([
      'model.layers.61.embed_tokens.weight',
      'model.layers.61.shared_head.head.weight',
    ])
    // What the released files hold in all.
    expect(numParameters(config) + repeated.length * 129_280 * 7168).toBe(684_489_845_504)
    const alone = decoderConfigFromHuggingFace({ ...DEEPSEEK, num_nextn_predict_layers: 0 })
    expect(numParameters(alone)).toBe(671_026_419_200)
  })

  it('a head of its own, unless tied', () => {
    expect(shapeOf(QWEN).get('lm_head.weight')).toEqual([151_936, 1536])
    expect(shapeOf({ ...QWEN, tie_word_embeddings: true }).has('lm_head.weight')).toBe(false)
  })

  it('biases on queries, keys and values of Qwen2 alone', () => {
    const biases = (json: object) => [...shapeOf(json).keys()].filter((name) => name.endsWith('.bias')).length
    expect([biases(LLAMA), biases(QWEN)]).toEqual([0, 3 * 28])
    expect(shapeOf(QWEN).get('model.layers.0.self_attn.k_proj.bias')).toEqual([256])
  })

  it('matrices are what has two axes', () => {
    const flat = parameterSpecs(decoderConfigFromHuggingFace(QWEN)).filter((spec) => !isMatrix(spec))
    expect(flat.every(({ name }) => /norm\.weight$|layernorm\.weight$|\.bias$/.test(name))).toBe(true)
    expect(flat.length).toBe(28 * 5 + 1)
  })
})
