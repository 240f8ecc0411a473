/** The parameters of a decoder by their Hugging Face names, in checkpoint order, and their initial values. */
import type { RandomStream } from '../random.ts'
import type { DecoderConfig } from './config.ts'

export interface ParameterSpec {
  name: string
  /** Matrices are [out, in]. */
  shape: readonly number[]
}

export function parameterSpecs(config: DecoderConfig): ParameterSpec[] {
  const { hiddenSize: d, intermediateSize: f } = config
  const q = config.numHeads * config.headSize
  const kv = config.numKeyValueHeads * config.headSize
  const specs: ParameterSpec[] = [{ name: 'model.embed_tokens.weight', shape: [config.vocabularySize, d] }]
  for (let layer = 0; layer < config.numLayers; layer++) {
    const add = (name: string, ...shape: number[]) =>
      specs.push({ name: `model.layers.${layer}.${name}`, shape })
    add('input_layernorm.weight', d)
    for (const [name, size] of [
      ['q_proj', q],
      ['k_proj', kv],
      ['v_proj', kv],
    ] as const) {
      add(`self_attn.${name}.weight`, size, d)
      if (config.attentionBias) add(`self_attn.${name}.bias`, size)
    }
    add('self_attn.o_proj.weight', d, q)
    add('post_attention_layernorm.weight', d)
    add('mlp.gate_proj.weight', f, d)
    add('mlp.up_proj.weight', f, d)
    add('mlp.down_proj.weight', d, f)
  }
  specs.push({ name: 'model.norm.weight', shape: [d] })
  if (!config.tieEmbeddings) specs.push({ name: 'lm_head.weight', shape: [config.vocabularySize, d] })
  return specs
}

export const isMatrix = (spec: ParameterSpec): boolean => spec.shape.length >= 2

/**
 * Norm gains 1, biases 0, matrices normal with standard deviation 0.02; projections that write to the residual stream
 * are divided by sqrt(2 · layers), as in GPT-2.
 */
export function initialize(
  config: DecoderConfig,
  spec: ParameterSpec,
  stream: RandomStream,
  into: Float32Array,
) {
  if (!isMatrix(spec)) return void into.fill(spec.name.endsWith('.bias') ? 0 : 1)
  const residual = /(o_proj|down_proj)\.weight$/.test(spec.name)
  const deviation = residual ? 0.02 / Math.sqrt(2 * config.numLayers) : 0.02
  for (let i = 0; i < into.length; i++) into[i] = deviation * stream.normal()
}

export const numParameters = (config: DecoderConfig): number =>
  parameterSpecs(config).reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0)
