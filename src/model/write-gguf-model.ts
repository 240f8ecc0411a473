/** Writes a decoder as the GGUF file that llama.cpp runs; gguf.ts reads it back. */
import type { TensorStore } from '../disk/tensor-store.ts'
import {
  type GgufTensorToWrite,
  type GgufValue,
  type WrittenGgufType,
  writeGguf,
} from '../disk/write-gguf.ts'
import { CheckpointError } from '../errors.ts'
import { architectureOf } from './architectures.ts'
import type { DecoderConfig, GroupedQueryConfig } from './config.ts'
import { ggufMetadata, ROPE_FACTORS, ropeFactors } from './gguf-config.ts'
import { ggufPlace, isNorm, isReordered } from './gguf-names.ts'
import { isMatrix, type ParameterSpec, parameterSpecs } from './parameters.ts'
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
  const { config, dtype } = model
  if (config.architecture === 'deepseek_v3')
    throw new CheckpointError('has no GGUF form here.', {
      field: 'architecture',
      value: config.architecture,
      expected: 'another architecture',
      remedy: 'Export it as safetensors.',
    })
  const written = tensorsToWrite(config, model)
  if (config.ropeScaling?.type === 'llama3')
    written.push({
      name: ROPE_FACTORS,
      shape: [config.headSize / 2],
      dtype: 'F32',
      data: () => ropeFactors(config),
    })
  const metadata = new Map([
    ...ggufMetadata(config),
    ['general.type', 'model'] as const,
    ['general.name', model.name] as const,
    ['general.file_type', { uint32: FILE_TYPES[dtype] }] as const,
    ['general.quantization_version', { uint32: 2 }] as const,
    ...model.tokenizer,
  ])
  await writeGguf(path, metadata, written)
}

function tensorsToWrite(
  config: GroupedQueryConfig,
  { tensors, dtype }: GgufModelToWrite,
): GgufTensorToWrite[] {
  const { zeroCenteredNorms } = architectureOf(config)
  const valuesOf = async ({ name, shape }: ParameterSpec) => {
    const values = await tensors.read(name, shape)
    if (isReordered(config.architecture, name)) halvesToPairs(values, shape[0]!, config.headSize)
    return zeroCenteredNorms && isNorm(name) ? values.map((value) => value + 1) : values
  }
  const stacks = new Map<string, ParameterSpec[]>()
  for (const spec of parameterSpecs(config)) {
    const { name } = ggufPlace(config.architecture, spec.name)
    stacks.set(name, [...(stacks.get(name) ?? []), spec])
  }
  return [...stacks].map(([name, specs]) => {
    const [first] = specs as [ParameterSpec]
    const isStack = ggufPlace(config.architecture, first.name).expert !== undefined
    const fits = dtype !== 'Q8_0' || first.shape.at(-1)! % 32 === 0
    return {
      name,
      shape: isStack ? [specs.length, ...first.shape] : first.shape,
      // llama.cpp routes in float32.
      dtype: isMatrix(first) && fits && !name.includes('ffn_gate_inp') ? dtype : 'F32',
      data: async () => (isStack ? joined(await Promise.all(specs.map(valuesOf))) : valuesOf(first)),
    }
  })
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
