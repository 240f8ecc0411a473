/** A judge behind an OpenAI-compatible server, as settings name it, with its replies in a folder of the run. */
import { z } from 'zod'
import { serviceKey } from '../engine/api-key.ts'
import { checkEndpoint } from './check-endpoint.ts'
import { endpointResponder } from './endpoint-responder.ts'
import { JUDGE_SAMPLING, type Judge, openJudge } from './judge.ts'
import type { SamplingSettings } from './responder.ts'
import { openResponseCache } from './response-cache.ts'

export const judgeConfig = z
  .strictObject({
    endpoint: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'An OpenAI-compatible server whose model judges what no rule can, http://…/v1 (R1 §2.3.3); none by default',
      ),
    apiModel: z
      .string()
      .default('')
      .describe('The model to ask there; its key is in OPENAI_API_KEY where OPENAI_BASE_URL is this server'),
    concurrency: z.int().min(1).default(16).describe('Questions to the judge at the same time'),
  })
  .prefault({})
export type JudgeConfig = z.infer<typeof judgeConfig>

export interface OpenedJudge extends Judge {
  close(): void
}

/** Throws for an address that is none, a model that is not named and a key that may not be sent. */
export function checkJudge({ endpoint, apiModel }: JudgeConfig): void {
  if (endpoint === null) return
  checkEndpoint({ url: endpoint, model: apiModel }, { url: 'judge.endpoint', model: 'judge.apiModel' })
  serviceKey('openai', endpoint)
}

/** Undefined where the settings name none. Replies are kept in `folder`, and asked for again by no later session. */
export async function openServerJudge(
  config: JudgeConfig,
  folder: string,
  options: ServerJudgeOptions,
): Promise<OpenedJudge | undefined> {
  const { endpoint, apiModel, concurrency } = config
  return endpoint === null
    ? undefined
    : await endpointJudge({ url: endpoint, model: apiModel, concurrency, folder, ...options })
}

interface ServerJudgeOptions {
  seed: number
  sampling?: SamplingSettings | undefined
  signal?: AbortSignal | undefined
}

export interface EndpointJudgeOptions extends Partial<ServerJudgeOptions> {
  /** An OpenAI-compatible server, http://…/v1. Its key is in OPENAI_API_KEY where OPENAI_BASE_URL is this server. */
  url: string
  /** The model to ask there. */
  model: string
  /** Questions to the judge at the same time. Default: 16. */
  concurrency?: number
  /** Where replies are kept, so that a later session asks none again; without it only this session knows them. */
  folder?: string
}

/**
 * A judge behind an OpenAI-compatible server, for `rubricReward` and for programs of one's own.
 *
 * @throws {ConfigError} For an address that is none, a model that is not named, or a key that may not be sent there.
 */
export async function endpointJudge(options: EndpointJudgeOptions): Promise<OpenedJudge> {
  const { url, model, concurrency = 16, folder, seed = 0, sampling = JUDGE_SAMPLING, signal } = options
  checkEndpoint({ url, model }, { url: 'url', model: 'model' })
  const responder = await endpointResponder({
    url: url.replace(/\/+$/, ''),
    model,
    apiKey: serviceKey('openai', url),
    idleSeconds: 300,
    reasoningModel: false,
    concurrency,
  })
  const { name, version } = responder
  const identity = { benchmark: 'judge', dataHash: '', model: name, version, sampling, seed }
  const cache = folder === undefined ? undefined : await openResponseCache(folder, identity)
  return {
    ...openJudge({ responder, ...(cache && { cache }), concurrency, sampling, seed, signal }),
    close: () => cache?.close(),
  }
}
