/** Model folders, adapters and GGUF files on this machine's disk. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isGgufPath } from '../../disk/gguf.ts'
import { replaceFile } from '../../disk/replace-file.ts'
import { openSafetensors } from '../../disk/safetensors.ts'
import type { TensorStore } from '../../disk/tensor-store.ts'
import { readWholeFile } from '../../disk/whole-file.ts'
import { CheckpointError } from '../../errors.ts'
import { isPacked } from '../../graph/packed.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { decoderConfigFromHuggingFace } from '../../model/config-json.ts'
import { openGgufModel } from '../../model/gguf.ts'
import { isMatrix, numParameters, type ParameterSpec } from '../../model/parameters.ts'
import { type AdapterConfig, adapterConfigIn } from './adapter.ts'
import { CONFIG, type ModelToWrite, modelFiles, WEIGHTS } from './checkpoint.ts'
import type { EngineFiles } from './engine-files.ts'
import type { PackedTypes } from './packed-weights.ts'

/** Of a model folder or a GGUF file. */
export async function readModelConfig(folder: string): Promise<DecoderConfig> {
  if (isGgufPath(folder)) {
    const { config, tensors } = await openGgufModel(folder)
    await tensors.close()
    return config
  }
  const file = join(folder, CONFIG)
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
        field: join(folder, CONFIG),
        remedy: 'Take configuration and weights of the same model.',
      },
    )
}
/** So few parameters need no check: a scalar head or a prediction module may be missing. */
const SMALL = 1e8

/** Undefined where there is no such file. */
async function readJson(file: string): Promise<unknown> {
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

/** The formats in which a model's matrices are kept packed: as the file has them where it has such, in half precision otherwise. */
export async function packedTypes(
  folder: string,
  specs: readonly ParameterSpec[],
  asStored: boolean,
): Promise<PackedTypes> {
  const checkpoint = await openTensors(folder)
  await checkpoint.close()
  return new Map(
    specs
      .filter((spec) => isMatrix(spec) && !spec.buffer)
      .map(({ name }) => {
        const stored = asStored ? checkpoint.formatOf?.(name) : undefined
        return [name, stored !== undefined && isPacked(stored) ? stored : 'float16']
      }),
  )
}

export const diskFiles: EngineFiles = {
  async write(folder, files) {
    for (const { name, contents } of files) await replaceFile(join(folder, name), contents)
  },
  readJson,
  openModel: openTensors,
  openTensors: openSafetensors,
}

/** A folder that transformers opens. */
export const writeModel = (folder: string, model: ModelToWrite): Promise<void> =>
  diskFiles.write(folder, modelFiles(model))

/** Settings and base of an adapter's folder; undefined where the folder holds none. */
export const readAdapterConfig = (folder: string): Promise<AdapterConfig | undefined> =>
  adapterConfigIn(diskFiles, folder)
