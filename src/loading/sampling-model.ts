/**
 * A model to sample from: on this machine, or behind an OpenAI-compatible server. `folder@http://host:port/v1` is the latter:
 * tokenizer and template are the folder's, `config.json` and weights need not be there. Its name at the server is the only one
 * that is served, or the folder's last part.
 */
import { basename } from 'node:path'
import { z } from 'zod'
import { keyRemedy, serviceKey } from '../engine/api-key.ts'
import { checkAddress } from '../engine/check-address.ts'
import type { Policy } from '../engine/engine.ts'
import { completionsSampler } from '../engine/openai/completions-sampler.ts'
import { addressOf, authorization } from '../engine/openai/request.ts'
import { ConfigError, EngineError } from '../errors.ts'
import { loadTokenizer } from '../text/load-tokenizer.ts'
import {
  checkLocalModel,
  type LocalModel,
  type LocalModelOptions,
  modelFolder,
  openModel,
} from './local-model.ts'
import { promptTemplate } from './prompt-template.ts'

export interface SamplingModel
  extends Pick<LocalModel, 'folder' | 'tokenizer' | 'renderPrompt' | 'renderChat' | 'answerForm'> {
  policy: Pick<Policy, 'sample'>
  /** Tokens of prompt and response together; infinite where a server does not tell. */
  maxPositions: number
  /** Where it answers, of a server's. */
  url?: string
  close(): void
}

export interface ServerOptions {
  apiKey?: string | undefined
  /** Requests on their way at the same time. */
  concurrency?: number
  /** Without a byte for this long a request counts as lost. */
  idleSeconds?: number
}

const AT = /^(.*)@(https?:\/\/.+)$/

export async function openSamplingModel(
  path: string,
  options: ServerOptions & Pick<LocalModelOptions, 'frozen'> = {},
): Promise<SamplingModel> {
  const [, folder, url] = AT.exec(path) ?? []
  if (folder === undefined || url === undefined) {
    const { engine, ...model } = await openModel(path, { frozen: options.frozen })
    return { ...model, policy: engine, maxPositions: engine.config.maxPositions, close: engine.close }
  }
  checkAddress(url, 'model', 'http://127.0.0.1:8000/v1')
  const { apiKey = serviceKey('openai', url), concurrency = 128, idleSeconds = 300 } = options
  const source = await modelFolder(folder)
  const tokenizer = await loadTokenizer(source)
  const { id, maxPositions } = await servedModel({ url, apiKey }, basename(folder))
  return {
    ...{ folder: source, url, tokenizer, maxPositions },
    ...promptTemplate(tokenizer),
    policy: completionsSampler({ url, model: id, apiKey, idleSeconds, concurrency, tokenizer }),
    close() {},
  }
}

/** Throws where there is nothing to sample from at this path. */
export async function checkSamplingModel(path: string): Promise<void> {
  if (AT.test(path)) (await openSamplingModel(path)).close()
  else await checkLocalModel(path)
}

/** Whether log-probabilities of given texts can be had, which sampling alone does not need. */
export const isServed = (path: string): boolean => AT.test(path)

const listSchema = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.number().nullish() })),
})

async function servedModel(
  endpoint: { url: string; apiKey: string | undefined },
  name: string,
): Promise<{ id: string; maxPositions: number }> {
  const { url } = endpoint
  const response = await fetch(addressOf(endpoint, '/models'), { headers: authorization(endpoint) }).catch(
    (cause: unknown) => {
      throw new EngineError('no server answers here.', {
        field: url,
        remedy: 'Start it, or mend the address.',
        cause,
      })
    },
  )
  if (!response.ok)
    throw new EngineError(`/models answered ${response.status}.`, {
      field: url,
      remedy: response.status === 401 ? keyRemedy('openai') : 'Check that the address ends in /v1.',
    })
  const listed = listSchema.safeParse(await response.json().catch(() => undefined))
  if (!listed.success)
    throw new EngineError('does not list its models.', {
      field: url,
      remedy: 'Check that the address ends in /v1.',
    })
  const { data } = listed.data
  const served = data.length === 1 ? data[0] : data.find(({ id }) => id === name || basename(id) === name)
  if (served === undefined)
    throw new ConfigError('serves no such model.', {
      field: url,
      value: name,
      expected: data.map(({ id }) => id).join(', ') || 'at least one',
      remedy: 'Name the tokenizer’s folder as the server names the model.',
    })
  return { id: served.id, maxPositions: served.max_model_len ?? Number.POSITIVE_INFINITY }
}
