/** Writes a Llama or Qwen2 decoder as the GGUF file that llama.cpp runs; gguf.ts reads it back. */
import type { TensorStore } from '../disk/tensor-store.ts'
import {
  type GgufTensorToWrite,
  type GgufValue,
  type WrittenGgufType,
  writeGguf,
} from '../disk/write-gguf.ts'
import { CheckpointError } from '../errors.ts'
import type { DecoderConfig, GroupedQueryConfig } from './config.ts'
import { ROPE_FACTORS, ropeFactors } from './gguf.ts'
import { ggufName, isReordered } from './gguf-names.ts'
import { isMatrix, parameterSpecs } from './parameters.ts'
import { halvesToPairs } from './rotary-pairs.ts'

export interface GgufModelToWrite {
  config: DecoderConfig
  tensors: TensorStore
  /** Stands in the file's metadata. */
  name: string
  /** The metadata of the tokenizer. */
  tokenizer: ReadonlyMap<string, GgufValue>
  /** Of matrices; vectors stay float32, and so do the matrices of Q8_0 whose rows are no multiple of its block. */
  dtype: WrittenGgufType
}

/** llama.cpp's numbers for what most of a file's tensors are. */
const FILE_TYPES: Record<WrittenGgufType, number> = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 }

export async function writeGgufModel(path: string, model: GgufModelToWrite): Promise<void> {
  const { config, tensors, dtype } = model
  if (config.architecture === 'deepseek_v3')
    throw new CheckpointError('has no GGUF form here.', {
      field: 'architecture',
      value: config.architecture,
      expected: 'llama or qwen2',
      remedy: 'Export it as safetensors.',
    })
  const { architecture, headSize } = config
  const written = parameterSpecs(config).map((spec): GgufTensorToWrite => {
    const { name, shape } = spec
    const fits = dtype !== 'Q8_0' || shape.at(-1)! % 32 === 0
    return {
      name: ggufName(name),
      shape,
      dtype: isMatrix(spec) && fits ? dtype : 'F32',
      data: async () => {
        const values = await tensors.read(name, shape)
        if (isReordered(architecture, name)) halvesToPairs(values, shape[0]!, headSize)
        return values
      },
    }
  })
  if (config.ropeScaling !== undefined)
    written.push({
      name: ROPE_FACTORS,
      shape: [headSize / 2],
      dtype: 'F32',
      data: () => ropeFactors(config),
    })
  await writeGguf(path, new Map([...decoderMetadata(config, model), ...model.tokenizer]), written)
}

function decoderMetadata(
  config: GroupedQueryConfig,
  { name, dtype }: GgufModelToWrite,
): [string, GgufValue][] {
  const { architecture, ropeScaling } = config
  const settings: Record<string, GgufValue> = {
    context_length: { uint32: config.maxPositions },
    embedding_length: { uint32: config.hiddenSize },
    block_count: { uint32: config.numLayers },
    feed_forward_length: { uint32: config.intermediateSize },
    'attention.head_count': { uint32: config.numHeads },
    'attention.head_count_kv': { uint32: config.numKeyValueHeads },
    'attention.key_length': { uint32: config.headSize },
    'attention.value_length': { uint32: config.headSize },
    'attention.layer_norm_rms_epsilon': { float32: config.rmsNormEpsilon },
    'rope.dimension_count': { uint32: config.headSize },
    'rope.freq_base': { float32: config.ropeTheta },
    ...(ropeScaling === undefined
      ? {}
      : { 'rope.scaling.original_context_length': { uint32: ropeScaling.originalPositions } }),
    vocab_size: { uint32: config.vocabularySize },
  }
  return [
    ['general.architecture', architecture],
    ['general.type', 'model'],
    ['general.name', name],
    ['general.file_type', { uint32: FILE_TYPES[dtype] }],
    ['general.quantization_version', { uint32: 2 }],
    ...Object.entries(settings).map(([key, value]): [string, GgufValue] => [`${architecture}.${key}`, value]),
  ]
}
