/**
 * The model that a recipe trains: in this process, or on a server of the Tinker API, which then has its weights; its
 * tokenizer and templates are read here either way.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { adapters, type LoraConfig } from '../algorithms/lora-config.ts'
import { serviceKey } from '../engine/api-key.ts'
import { checkAddress } from '../engine/check-address.ts'
import type { Engine, Policy } from '../engine/engine.ts'
import {
  checkNeeds,
  describe,
  type Needs,
  type ProbedServer,
  probe,
  SERVER_NAMES,
} from '../engine/tinker/capabilities.ts'
import { CONNECTION, createClient, type TinkerClient } from '../engine/tinker/client.ts'
import { openTinkerEngine } from '../engine/tinker/tinker-engine.ts'
import { ConfigError } from '../errors.ts'
import { checkLocalModel, openModel, openModelText, type TemplateChoice } from '../loading/local-model.ts'
import type { ModelText } from '../loading/prompt-template.ts'

export const engineConfig = z
  .strictObject({
    url: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'Server of the Tinker API to train on, e.g. http://127.0.0.1:8000; null trains in this process',
      ),
    server: z
      .enum(['auto', ...SERVER_NAMES])
      .default('auto')
      .describe('Kind of server, for servers that do not report it'),
    baseModel: z
      .string()
      .nullable()
      .default(null)
      .describe('Name of the model on the server; null takes the only one that it serves'),
    patienceSeconds: z
      .number()
      .min(0)
      .default(CONNECTION.patienceSeconds)
      .describe('Seconds without an answer before the run stops'),
    operationSeconds: z
      .number()
      .positive()
      .default(CONNECTION.operationSeconds)
      .describe('Longest time for one operation of the server, in seconds'),
  })
  .prefault({})
export type EngineConfig = z.infer<typeof engineConfig>

export interface TrainedModel extends ModelText {
  engine: Engine
  /** What rollouts are drawn from where that is not the engine itself. */
  sampler?: Pick<Policy, 'sample'>
  /** Tokens of the longest sequence; infinite where a server does not tell. */
  maxPositions: number
}

export interface TrainedModelConfig {
  seed: number
  model: string
  engine: EngineConfig
  lora: LoraConfig
  microBatchTokens: number
  recompute: boolean
}

export interface OpenOptions {
  minRowLength?: number
  chatTemplate?: TemplateChoice
  /** Draw rollouts from a copy in 8-bit integers: of a model in this process alone. */
  int8Rollouts?: boolean
  /** Told what a server says of itself, and when it is waited for. */
  note?: ((text: string) => void) | undefined
}

export async function openTrainedModel(
  config: TrainedModelConfig,
  { minRowLength, chatTemplate, int8Rollouts = false, note }: OpenOptions = {},
): Promise<TrainedModel> {
  const { engine: settings, seed, lora } = config
  if (settings.url === null) {
    const model = await openModel(config.model, {
      microBatchTokens: config.microBatchTokens,
      recompute: config.recompute,
      lora: adapters(lora),
      frozen: lora.frozen,
      seed,
      chatTemplate,
      ...(minRowLength !== undefined && { minRowLength }),
    })
    return int8Rollouts ? { ...model, sampler: model.engine.int8Sampler() } : model
  }
  const text = await openModelText(config.model, chatTemplate)
  const client = connect(settings.url, settings, note)
  const server = await probe(client, settings.server)
  note?.(`Training on ${settings.url}: ${describe(server)}`)
  const engine = await openTinkerEngine({
    client,
    capabilities: server.capabilities,
    baseModel: baseModel(settings, server),
    rank: lora.rank,
    seed,
    base: text.name,
    companionFiles: { ...text.tokenizer.files, ...(await configFile(text.folder)) },
  })
  return { ...text, engine, maxPositions: Number.POSITIVE_INFINITY }
}

/**
 * Throws where the model is not there, or the server cannot do what the run needs, before a run leaves any trace. Gives the
 * tokens of the model's longest sequence.
 */
export async function checkTrainedModel(
  { model, engine: settings, lora }: TrainedModelConfig,
  needs: Omit<Needs, 'lora'>,
): Promise<number> {
  if (settings.url === null) return await checkLocalModel(model, adapters(lora), lora.frozen)
  await openModelText(model)
  const server = await probe(connect(settings.url, { ...settings, patienceSeconds: 5 }), settings.server)
  baseModel(settings, server)
  checkNeeds(server.capabilities, { ...needs, lora })
  return Number.POSITIVE_INFINITY
}

/** Beside an adapter that is fetched; a GGUF file has none. */
async function configFile(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => undefined)
  return text === undefined ? {} : { 'config.json': text }
}

function connect(url: string, settings: EngineConfig, note?: (text: string) => void): TinkerClient {
  checkAddress(url, 'engine.url', 'http://127.0.0.1:8000')
  const { patienceSeconds, operationSeconds } = settings
  const apiKey = serviceKey('tinker', url)
  return createClient({ url, apiKey, patienceSeconds, operationSeconds, ...(note && { note }) })
}

function baseModel({ baseModel: asked }: EngineConfig, { models }: ProbedServer): string {
  const [only, ...others] = models
  if (asked !== null && (models.length === 0 || models.includes(asked))) return asked
  if (asked === null && only !== undefined && others.length === 0) return only
  throw new ConfigError(asked === null ? 'which of its models?' : 'the server has no such model.', {
    field: 'engine.baseModel',
    ...(asked !== null && { value: asked }),
    expected: models.join(', ') || 'the name that the server gives it',
  })
}
