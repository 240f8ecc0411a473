/**
 * A GGUF file as a decoder: its metadata as a DecoderConfig, its tensors under their Hugging Face names. Llama 3's
 * frequency scaling is not in the metadata but a tensor of divisors, from which the factor is recovered.
 */
import { type GgufFile, type GgufMetadata, openGguf } from '../disk/gguf.ts'
import { missingTensor, type TensorStore } from '../disk/tensor-store.ts'
import { CheckpointError } from '../errors.ts'
import type { GroupedQueryConfig } from './config.ts'
import { decoderConfigFromHuggingFace } from './config-json.ts'
import { ggufName, isReordered } from './gguf-names.ts'
import { ropeFrequencies } from './rope.ts'
import { pairsToHalves } from './rotary-pairs.ts'

export const ROPE_FACTORS = 'rope_freqs.weight'

export interface GgufModel {
  config: GroupedQueryConfig
  /** By Hugging Face names. */
  tensors: TensorStore
}

export async function openGgufModel(path: string): Promise<GgufModel> {
  const file = await openGguf(path)
  try {
    const config = await readConfig(file)
    return {
      config,
      tensors: {
        tensors: file.tensors,
        async read(name, shape, into) {
          const values = await file.read(ggufName(name), shape, into)
          if (isReordered(config.architecture, name))
            pairsToHalves(values, values.length / config.hiddenSize, config.headSize)
          return values
        },
        formatOf: (name) => file.formatOf!(ggufName(name)),
        async readBlocks(name, shape) {
          const bytes = await file.readBlocks!(ggufName(name), shape)
          if (isReordered(config.architecture, name)) pairsToHalves(bytes, shape[0]!, config.headSize)
          return bytes
        },
        close: file.close,
      },
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function readConfig(file: GgufFile): Promise<GroupedQueryConfig> {
  const { path, metadata, tensors } = file
  const architecture = metadata['general.architecture']
  if (architecture !== 'llama' && architecture !== 'qwen2')
    throw new CheckpointError('not supported.', {
      field: `${path}: general.architecture`,
      value: architecture,
      expected: 'llama or qwen2',
    })
  const number = (key: string, otherwise?: number) =>
    numberAt(path, metadata, `${architecture}.${key}`, otherwise)
  if (number('expert_count', 0) > 0)
    throw new CheckpointError('not supported.', {
      field: `${path}: ${architecture}.expert_count`,
      value: number('expert_count'),
      expected: 'a model without experts',
    })
  const scaling = metadata[`${architecture}.rope.scaling.type`] ?? 'none'
  if (scaling !== 'none')
    throw new CheckpointError('not supported.', {
      field: `${path}: ${architecture}.rope.scaling.type`,
      value: scaling,
      expected: 'none',
    })
  const embedding = tensors.get('token_embd.weight')
  if (embedding === undefined) throw missingTensor(path, 'token_embd.weight', tensors)
  const heads = number('attention.head_count')
  const hiddenSize = number('embedding_length')
  const config = decoderConfigFromHuggingFace(
    {
      model_type: architecture,
      vocab_size: embedding.shape[0],
      hidden_size: hiddenSize,
      intermediate_size: number('feed_forward_length'),
      num_hidden_layers: number('block_count'),
      num_attention_heads: heads,
      num_key_value_heads: number('attention.head_count_kv', heads),
      head_dim: number('attention.key_length', number('rope.dimension_count', hiddenSize / heads)),
      max_position_embeddings: number('context_length'),
      rms_norm_eps: number('attention.layer_norm_rms_epsilon'),
      rope_theta: number('rope.freq_base', 10_000),
      tie_word_embeddings: !tensors.has('output.weight'),
    },
    path,
  ) as GroupedQueryConfig
  return tensors.has(ROPE_FACTORS) ? withRopeFactors(file, config) : config
}

/** float32 settings as the decimals they were written as: 9.999999747378752e-06 is 1e-5. */
function numberAt(path: string, metadata: GgufMetadata, key: string, otherwise?: number): number {
  const value = metadata[key] ?? otherwise
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(7))
  throw new CheckpointError(value === undefined ? 'missing.' : 'not one number.', {
    field: `${path}: ${key}`,
    ...(value === undefined ? {} : { value }),
    remedy: 'The file is not a whole model that r1 knows.',
  })
}

/** The divisors of the frequencies under Llama 3's scaling, one a pair of rows. */
export function ropeFactors(config: GroupedQueryConfig): Float32Array {
  const scaled = ropeFrequencies(config)
  const { ropeScaling: _, ...plain } = config
  return Float32Array.from(ropeFrequencies(plain), (frequency, i) => frequency / scaled[i]!)
}

async function withRopeFactors(file: GgufFile, config: GroupedQueryConfig): Promise<GroupedQueryConfig> {
  const found = await file.read(ROPE_FACTORS, [config.headSize / 2])
  const scaled: GroupedQueryConfig = {
    ...config,
    ropeScaling: {
      type: 'llama3',
      factor: Number(found.reduce((a, b) => Math.max(a, b)).toPrecision(6)),
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalPositions: numberAt(
        file.path,
        file.metadata,
        'llama.rope.scaling.original_context_length',
        8192,
      ),
    },
  }
  const expected = ropeFactors(scaled)
  if (found.some((factor, i) => Math.abs(factor / expected[i]! - 1) > 1e-4))
    throw new CheckpointError('not supported.', {
      field: `${file.path}: ${ROPE_FACTORS}`,
      expected: "Llama 3's frequency scaling",
    })
  return scaled
}
