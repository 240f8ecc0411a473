/** A model folder as Hugging Face lays it out, and the optimiser's state beside it. */
import { encodeSafetensors, type TensorToWrite, type WrittenType } from '../../disk/encode-safetensors.ts'
import type { FileToWrite } from '../../disk/file-contents.ts'
import type { TensorStore } from '../../disk/tensor-store.ts'
import { isPacked } from '../../graph/packed.ts'
import type { DecoderConfig, Head } from '../../model/config.ts'
import { decoderConfigToHuggingFace } from '../../model/config-json.ts'
import { parameterSpecs, repeatedTensors } from '../../model/parameters.ts'
import type { State } from '../../runtime/runtime.ts'
import type { EngineFiles } from './engine-files.ts'
import type { Optimizer } from './optimizer.ts'
import { numWeights, readWeights, type Weights, writeWeights } from './weights.ts'

export const WEIGHTS = 'model.safetensors'
export const CONFIG = 'config.json'
const OPTIMIZER = 'optimizer.safetensors'

/**
 * Fills `weights` from a model folder or a GGUF file, tensor by tensor and in place; a missing or misshapen tensor is an
 * error naming it, but for the `optional` ones, which stay as they are where the folder lacks them.
 */
export async function readCheckpoint(
  files: EngineFiles,
  folder: string,
  weights: Weights,
  optional: readonly string[] = [],
): Promise<void> {
  const checkpoint = await files.openModel(folder)
  try {
    for (const { name, shape } of weights.specs)
      if (checkpoint.tensors.has(name) || !optional.includes(name))
        await readParameter(checkpoint, name, shape, weights.states[name]!)
  } finally {
    await checkpoint.close()
  }
}

async function readParameter(
  checkpoint: TensorStore,
  name: string,
  shape: readonly number[],
  state: State,
): Promise<void> {
  const { dtype } = state
  if (isPacked(dtype) && dtype !== 'float16') state.write(await checkpoint.readBlocks!(name, shape))
  else await state.fill(async (values) => void (await checkpoint.read(name, shape, values)))
}

export async function readOptimizer(files: EngineFiles, folder: string, optimizer: Optimizer): Promise<void> {
  const state = await files.openTensors(`${folder}/${OPTIMIZER}`)
  try {
    const flat = new Float32Array(numWeights(optimizer.gradient))
    for (const [name, moments] of momentsOf(optimizer)) {
      await state.read(name, [flat.length], flat)
      writeWeights(moments, flat)
    }
    optimizer.step = Number(state.metadata.step)
  } finally {
    await state.close()
  }
}

const momentsOf = ({ firstMoment, secondMoment }: Optimizer) =>
  [
    ['first_moment', firstMoment],
    ['second_moment', secondMoment],
  ] as const

export interface ModelToWrite {
  config: DecoderConfig
  tensors: readonly TensorToWrite[]
  companionFiles: Readonly<Record<string, Uint8Array | string>>
  dtype: WrittenType
  head?: Head | undefined
}

/** The files of a folder that transformers opens, the weights first. */
export function modelFiles({ config, tensors, companionFiles, dtype, head }: ModelToWrite): FileToWrite[] {
  const buffers = new Set(parameterSpecs(config).flatMap(({ name, buffer }) => (buffer ? [name] : [])))
  const repeated = repeatedTensors(config).map(({ name, of: original }) => ({
    ...tensors.find((tensor) => tensor.name === original)!,
    name,
  }))
  const typed = tensors.map((tensor) =>
    buffers.has(tensor.name) ? { ...tensor, dtype: 'F32' as const } : tensor,
  )
  return [
    { name: WEIGHTS, contents: encodeSafetensors([...typed, ...repeated], { dtype }) },
    ...companions({ config, companionFiles, dtype, head }),
  ]
}

/**
 * What stands beside the weights, to be written after them: tokenizer and configuration. `config.json` is the last file, so
 * that a folder which has it is a whole model.
 */
export function companions({
  config,
  companionFiles,
  dtype = 'F32',
  head,
}: Omit<CheckpointToWrite, 'weights'>): FileToWrite[] {
  const torchDtype = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtype]
  const json = { ...decoderConfigToHuggingFace(config, head), torch_dtype: torchDtype }
  // transformers refuses a whole number for this field: 1 must be written 1.0.
  const text = JSON.stringify(json, null, 2).replace(/("routed_scaling_factor": \d+)(?=,?\n)/, '$1.0')
  return [
    ...Object.entries(companionFiles).map(([name, contents]) => ({ name, contents })),
    { name: CONFIG, contents: `${text}\n` },
  ]
}

export interface CheckpointToWrite {
  config: DecoderConfig
  weights: Weights
  /** Further files by name: the tokenizer's, as they were read. */
  companionFiles: Readonly<Record<string, Uint8Array | string>>
  dtype?: WrittenType
  head?: Head | undefined
}

export async function writeCheckpoint(
  files: EngineFiles,
  folder: string,
  { weights, dtype = 'F32', ...rest }: CheckpointToWrite,
): Promise<void> {
  await files.write(folder, modelFiles({ ...rest, tensors: stored(weights), dtype }))
}

/** Parameters as they are written, each read when its turn has come. */
export const stored = ({ specs, states }: Weights): TensorToWrite[] =>
  specs.map(({ name, shape }) => ({ name, shape, data: () => states[name]!.read() }))

export async function writeOptimizer(
  files: EngineFiles,
  folder: string,
  optimizer: Optimizer,
): Promise<void> {
  const shape = [numWeights(optimizer.gradient)]
  const contents = encodeSafetensors(
    momentsOf(optimizer).map(([name, moments]) => ({ name, shape, data: () => readWeights(moments) })),
    { metadata: { format: 'pt', step: String(optimizer.step) } },
  )
  await files.write(folder, [{ name: OPTIMIZER, contents }])
}
