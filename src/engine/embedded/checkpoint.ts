/** A model folder as Hugging Face lays it out, and the optimiser's state beside it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isGgufPath } from '../../disk/gguf.ts'
import { replaceFile } from '../../disk/replace-file.ts'
import { openSafetensors } from '../../disk/safetensors.ts'
import type { TensorStore } from '../../disk/tensor-store.ts'
import { readWholeFile } from '../../disk/whole-file.ts'
import { type TensorToWrite, type WrittenType, writeSafetensors } from '../../disk/write-safetensors.ts'
import { CheckpointError } from '../../errors.ts'
import type { DecoderConfig, Head } from '../../model/config.ts'
import { decoderConfigFromHuggingFace, decoderConfigToHuggingFace } from '../../model/config-json.ts'
import { openGgufModel } from '../../model/gguf.ts'
import { numParameters, parameterSpecs, repeatedTensors } from '../../model/parameters.ts'
import type { Optimizer } from './optimizer.ts'
import { numWeights, readWeights, type Weights, writeWeights } from './weights.ts'

const WEIGHTS = 'model.safetensors'
const OPTIMIZER = 'optimizer.safetensors'

/** Of a model folder or a GGUF file. */
export async function readModelConfig(folder: string): Promise<DecoderConfig> {
  if (isGgufPath(folder)) {
    const { config, tensors } = await openGgufModel(folder)
    await tensors.close()
    return config
  }
  const file = join(folder, 'config.json')
  const json = await readJson(file)
  if (json === undefined)
    throw new CheckpointError('no such file.', {
      field: file,
      remedy: 'Name a folder with config.json, model.safetensors and tokenizer.json.',
    })
  const config = decoderConfigFromHuggingFace(json, file)
  if ([WEIGHTS, `${WEIGHTS}.index.json`].some((name) => existsSync(join(folder, name))))
    await refuseForeignWeights(folder, config)
  return config
}

/** Memory is taken for the model that config.json describes before its weights are read. */
async function refuseForeignWeights(folder: string, config: DecoderConfig): Promise<void> {
  const { tensors, close } = await openTensors(folder)
  await close()
  const sizes = [...tensors.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  const [described, stored] = [numParameters(config), sizes.reduce((a, b) => a + b, 0)]
  if (described > 2 * stored + SMALL)
    throw new CheckpointError(
      `describes a model of ${described} parameters; the weights beside it hold ${stored}.`,
      {
        field: join(folder, 'config.json'),
        remedy: 'Take configuration and weights of the same model.',
      },
    )
}
/** So few parameters need no check: a scalar head or a prediction module may be missing. */
const SMALL = 1e8

/** Undefined where there is no such file. */
export async function readJson(file: string): Promise<unknown> {
  const bytes = await readWholeFile(file, CheckpointError).catch((error: unknown) => {
    if (error instanceof CheckpointError) throw error
  })
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new CheckpointError(`not JSON: ${(cause as Error).message}.`, { field: file, cause })
  }
}

/** The tensors of a model folder or a GGUF file by their Hugging Face names. */
export const openTensors = async (folder: string): Promise<TensorStore> =>
  isGgufPath(folder) ? (await openGgufModel(folder)).tensors : await openSafetensors(folder)

/**
 * Fills `weights` from a model folder or a GGUF file, tensor by tensor and in place; a missing or misshapen tensor is an
 * error naming it, but for the `optional` ones, which stay as they are where the folder lacks them.
 */
export async function readCheckpoint(
  folder: string,
  weights: Weights,
  optional: readonly string[] = [],
): Promise<void> {
  const checkpoint = await openTensors(folder)
  try {
    for (const { name, shape } of weights.specs)
      if (checkpoint.tensors.has(name) || !optional.includes(name))
        await weights.states[name]!.fill(async (values) => void (await checkpoint.read(name, shape, values)))
  } finally {
    await checkpoint.close()
  }
}

export async function readOptimizer(folder: string, optimizer: Optimizer): Promise<void> {
  const state = await openSafetensors(join(folder, OPTIMIZER))
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

/** A folder that transformers opens. */
export async function writeModel(
  folder: string,
  { config, tensors, companionFiles, dtype, head }: ModelToWrite,
): Promise<void> {
  const buffers = new Set(parameterSpecs(config).flatMap(({ name, buffer }) => (buffer ? [name] : [])))
  const repeated = repeatedTensors(config).map(({ name, of: original }) => ({
    ...tensors.find((tensor) => tensor.name === original)!,
    name,
  }))
  const typed = tensors.map((tensor) =>
    buffers.has(tensor.name) ? { ...tensor, dtype: 'F32' as const } : tensor,
  )
  await writeSafetensors(join(folder, WEIGHTS), [...typed, ...repeated], { dtype })
  await writeCompanions(folder, { config, companionFiles, dtype, head })
}

/**
 * What stands beside the weights, to be written after them: tokenizer and configuration. `config.json` is the last file, so
 * that a folder which has it is a whole model.
 */
export async function writeCompanions(
  folder: string,
  { config, companionFiles, dtype = 'F32', head }: Omit<CheckpointToWrite, 'weights'>,
): Promise<void> {
  const torchDtype = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtype]
  const json = { ...decoderConfigToHuggingFace(config, head), torch_dtype: torchDtype }
  for (const [name, contents] of Object.entries(companionFiles))
    await replaceFile(join(folder, name), contents)
  // transformers refuses a whole number for this field: 1 must be written 1.0.
  const text = JSON.stringify(json, null, 2).replace(/("routed_scaling_factor": \d+)(?=,?\n)/, '$1.0')
  await replaceFile(join(folder, 'config.json'), `${text}\n`)
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
  folder: string,
  { weights, dtype = 'F32', ...rest }: CheckpointToWrite,
): Promise<void> {
  await writeModel(folder, {
    ...rest,
    tensors: stored(weights),
    dtype,
  })
}

/** Parameters as they are written, each read when its turn has come. */
export const stored = ({ specs, states }: Weights): TensorToWrite[] =>
  specs.map(({ name, shape }) => ({ name, shape, data: () => states[name]!.read() }))

export async function writeOptimizer(folder: string, optimizer: Optimizer): Promise<void> {
  const shape = [numWeights(optimizer.gradient)]
  await writeSafetensors(
    join(folder, OPTIMIZER),
    momentsOf(optimizer).map(([name, moments]) => ({ name, shape, data: () => readWeights(moments) })),
    { metadata: { format: 'pt', step: String(optimizer.step) } },
  )
}
