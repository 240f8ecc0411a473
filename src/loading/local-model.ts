/** A model on this machine: engine, tokenizer and prompt template from a model folder, or from a run's newest weights. */
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { mayBeHubName } from '../disk/hub-name.ts'
import type { EmbeddedEngine, EmbeddedEngineOptions } from '../engine/embedded/embedded-engine.ts'
import { createEmbeddedEngine } from '../engine/embedded/local-engine.ts'
import { packedTypes, readAdapterConfig, readModelConfig } from '../engine/embedded/model-folder.ts'
import { CheckpointError, ConfigError } from '../errors.ts'
import { adaptedMatrices, checkSameLora, type Frozen, type Lora } from '../model/lora.ts'
import { numParameters, parameterSpecs } from '../model/parameters.ts'
import { newestCheckpoint } from '../run/checkpoint.ts'
import { checkpointsOf } from '../run/folder.ts'
import { loadTokenizer } from '../text/load-tokenizer.ts'
import { type Tokenizer, withChatTemplate } from '../text/tokenizer.ts'
import { openRuntime } from './device.ts'
import { type ModelText, promptTemplate } from './prompt-template.ts'

export interface LocalModel extends ModelText {
  engine: EmbeddedEngine
  /** Tokens of the longest sequence. */
  maxPositions: number
}

/** A Jinja template in place of the model's own, null for none (R1-Zero's prompt), or a change of the model's own. */
export type TemplateChoice = string | null | undefined | ((own: string) => string)

export interface LocalModelOptions
  extends Omit<EmbeddedEngineOptions, 'config' | 'weights' | 'companionFiles' | 'base' | 'packed'> {
  /** It is saved with the model. */
  chatTemplate?: TemplateChoice
  /** How its matrices are kept where they are not trained: float32 by default. */
  frozen?: Frozen | undefined
}

/** Where a model is read from. Of an adapter in PEFT's layout: the adapter's settings too, and its base's folder. */
interface Source {
  folder: string
  /** Of configuration and weights. */
  base: string
  /** How an adapter that is trained on it names it. */
  name: string
  lora?: Lora
}

async function locate(path: string): Promise<Source> {
  const folder = await modelFolder(path)
  const adapted = await readAdapterConfig(folder)
  if (adapted === undefined)
    return { folder, base: folder, name: dirname(folder) === SHIPPED ? path : resolve(folder) }
  const base = await modelFolder(adapted.base)
  if ((await readAdapterConfig(base)) !== undefined)
    throw new CheckpointError('its base is an adapter too.', {
      field: join(folder, 'adapter_config.json'),
      value: adapted.base,
      remedy: `Merge the base first: r1 merge ${adapted.base} <folder>`,
    })
  return { folder, base, name: adapted.base, lora: adapted.lora }
}

/** Adapters that PEFT wrote have no tokenizer beside them. */
const tokenizerOf = ({ folder, base }: Source): Promise<Tokenizer> =>
  loadTokenizer(existsSync(join(folder, 'tokenizer.json')) ? folder : base)

/**
 * Opens a model to train, score and sample it in this process; `model.engine.close()` frees it.
 *
 * @param path A shipped model's name (`pocket-base`), a model folder, a GGUF file, an adapter's folder or a run.
 * @throws {CheckpointError} where there is no such model, or tokenizer and weights do not belong together.
 */
export async function openModel(path: string, options: LocalModelOptions = {}): Promise<LocalModel> {
  const source = await locate(path)
  const { folder, base, name } = source
  const config = await readModelConfig(base)
  const { chatTemplate: given, frozen = 'float32', ...engineOptions } = options
  const own = await tokenizerOf(source)
  const tokenizer = withTemplate(own, given)
  if (tokenizer.vocabSize > config.vocabularySize)
    throw new CheckpointError('tokenizer and weights do not belong together.', {
      field: join(folder, 'tokenizer.json'),
      value: tokenizer.vocabSize,
      expected: `at most ${config.vocabularySize} tokens, the rows of the embedding`,
    })
  const engine = createEmbeddedEngine({
    runtime: await openRuntime(),
    ...engineOptions,
    lora: options.lora ?? source.lora,
    base: name,
    config,
    // All of them are read: no random ones are made first.
    ...(frozen === 'float32'
      ? { weights: new Float32Array(numParameters(config)) }
      : { packed: await packedTypes(base, parameterSpecs(config), frozen === 'stored') }),
    companionFiles: tokenizer.files,
  })
  try {
    await engine.load(base)
    if (folder !== base) await engine.load(folder)
  } catch (error) {
    engine.close()
    throw error
  }
  return { folder, engine, tokenizer, maxPositions: config.maxPositions, ...promptTemplate(tokenizer) }
}

/** A model without its weights, which an engine elsewhere has. */
export async function openModelText(
  path: string,
  chatTemplate?: TemplateChoice,
): Promise<ModelText & { name: string }> {
  const source = await locate(path)
  const own = await tokenizerOf(source)
  const tokenizer = withTemplate(own, chatTemplate)
  return { folder: source.folder, name: source.name, tokenizer, ...promptTemplate(tokenizer) }
}

function withTemplate(tokenizer: Tokenizer, chosen: TemplateChoice): Tokenizer {
  if (typeof chosen !== 'function')
    return chosen === undefined ? tokenizer : withChatTemplate(tokenizer, chosen)
  if (tokenizer.chatTemplate === undefined)
    throw new ConfigError('this model has no chat template of its own.', {
      field: 'template',
      expected: 'r1-zero',
    })
  return withChatTemplate(tokenizer, chosen(tokenizer.chatTemplate))
}

/**
 * Throws where there is no model with a config and a tokenizer at this path, none that such adapters fit, an adapter of
 * other settings, or nothing that could be `frozen` so. Gives the tokens of its longest sequence.
 */
export async function checkLocalModel(
  path: string,
  lora?: Lora,
  frozen: Frozen = 'float32',
): Promise<number> {
  const source = await locate(path)
  if (frozen !== 'float32' && lora === undefined && source.lora === undefined)
    throw new ConfigError('all parameters are trained, and none are frozen.', {
      field: 'lora.frozen',
      value: frozen,
      remedy: 'Train adapters: --set lora.rank=16',
    })
  const config = await readModelConfig(source.base)
  await tokenizerOf(source)
  if (lora !== undefined && source.lora !== undefined)
    checkSameLora(parameterSpecs(config), lora, source.lora, source.folder)
  else if (lora !== undefined) adaptedMatrices(parameterSpecs(config), lora)
  return config.maxPositions
}

/** Throws for a limit of responses that the model's positions cannot hold, before anything is sampled. */
export function checkMaxTokens(field: string, maxTokens: number, maxPositions: number): void {
  if (maxTokens >= maxPositions)
    throw new ConfigError('longer than the model can write.', {
      field,
      value: maxTokens,
      expected: `less than ${maxPositions}, the model's positions, by the length of the prompts`,
    })
}

/** Models that come with the package: `pocket-base`, and `pocket-v3-base` in DeepSeek-V3's architecture. */
const SHIPPED = join(import.meta.dirname, '../../models')

/**
 * A model folder or a GGUF file as it is; of a run its finished model, or its newest whole checkpoint; or a shipped
 * model's name.
 */
export async function modelFolder(path: string): Promise<string> {
  if (!existsSync(path) && existsSync(join(SHIPPED, path, 'config.json'))) return join(SHIPPED, path)
  if (existsSync(join(path, 'model', 'config.json'))) return join(path, 'model')
  if (existsSync(checkpointsOf(path))) {
    const { checkpoint } = await newestCheckpoint(checkpointsOf(path))
    if (checkpoint !== undefined) return checkpoint.folder
  }
  if (!existsSync(path))
    throw new CheckpointError('there is nothing here.', {
      field: path,
      expected: 'a model folder, a .gguf file or a run',
      remedy: mayBeHubName(path)
        ? `A model of the Hugging Face hub is fetched with: r1 pull ${path}. Then its name is models/${basename(path)}.`
        : 'List the runs with: r1 runs',
    })
  return path
}
