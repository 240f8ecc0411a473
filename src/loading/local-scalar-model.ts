/** A scalar model on this machine: a reward model or critic from its folder, or begun from a language model's. */
import { readAdapterConfig, readModelConfig } from '../engine/embedded/model-folder.ts'
import {
  createScalarModel,
  type EmbeddedScalarModel,
  type ScalarModelOptions,
} from '../engine/embedded/scalar-model.ts'
import { CheckpointError } from '../errors.ts'
import { loadTokenizer } from '../text/load-tokenizer.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { openRuntime } from './device.ts'
import { modelFolder } from './local-model.ts'

export interface LocalScalarModel {
  model: EmbeddedScalarModel
  tokenizer: Tokenizer
}

/** A path as `openModel` takes it. The head of a model that has none is drawn from the seed. */
export async function openScalarModel(
  path: string,
  options: Omit<ScalarModelOptions, 'config' | 'companionFiles'> = {},
): Promise<LocalScalarModel> {
  const folder = await modelFolder(path)
  if ((await readAdapterConfig(folder)) !== undefined)
    throw new CheckpointError('adapters take no scalar head.', {
      field: folder,
      remedy: `Merge them first: r1 merge ${path} <folder>`,
    })
  const tokenizer = await loadTokenizer(folder)
  const config = await readModelConfig(folder)
  const model = createScalarModel({
    runtime: await openRuntime(),
    ...options,
    config,
    companionFiles: tokenizer.files,
  })
  try {
    await model.load(folder)
  } catch (error) {
    model.close()
    throw error
  }
  return { model, tokenizer }
}
