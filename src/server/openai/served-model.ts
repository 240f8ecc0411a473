/** A model that the server answers for: its name, its engine and the places in its sampler. */
import { basename } from 'node:path'
import { MAX_SLOTS } from '../../engine/embedded/lanes.ts'
import { ConfigError } from '../../errors.ts'
import type { Frozen } from '../../model/lora.ts'
import { ApiError } from './errors.ts'
import { createGate, type Gate } from './gate.ts'
import { openModelThread, type ThreadedModel } from './model-thread.ts'

export interface ServedModel {
  id: string
  /** Unix seconds at which it was opened. */
  created: number
  model: ThreadedModel
  gate: Gate
  /** Token ids; a prompt without room for a single token after it is a 400 that names the request's field `param`. */
  encode(text: string, param: string, options?: { specialTokens?: boolean }): Promise<Int32Array>
}

export interface ModelSource {
  id: string
  path: string
}

/** `path` or `name=path`; the name is the last part of the path otherwise. */
export function modelSources(targets: readonly string[]): ModelSource[] {
  const sources = targets.map((target) => {
    const [, id, path] = /^([\w.-]+)=(.+)$/.exec(target) ?? [undefined, basename(target), target]
    return { id: id!, path: path! }
  })
  for (const { id, path } of sources)
    if (sources.filter((other) => other.id === id).length > 1)
      throw new ConfigError('two models of one name.', {
        field: path,
        value: id,
        remedy: `Name it: other-name=${path}`,
      })
  return sources
}

export async function openServedModel(
  { id, path }: ModelSource,
  queue: number,
  frozen?: Frozen,
): Promise<ServedModel> {
  return serveModel(id, await openModelThread(path, frozen), queue)
}

export function serveModel(id: string, model: ThreadedModel, queue: number): ServedModel {
  const { maxPositions } = model
  return {
    id,
    created: Math.floor(Date.now() / 1000),
    model,
    gate: createGate({ places: MAX_SLOTS, queue }),
    async encode(text, param, { specialTokens = false } = {}) {
      const tokens = await model.encode(text, { specialTokens, most: maxPositions })
      if (tokens === undefined || tokens.length >= maxPositions)
        throw tooLong(tokens?.length ?? `more than ${maxPositions}`, maxPositions, param)
      if (tokens.length === 0) throw new ApiError(400, 'The prompt is empty.', { param })
      return tokens
    },
  }
}

export function tooLong(tokens: number | string, maxPositions: number, param: string): ApiError {
  return new ApiError(400, `The prompt of ${tokens} tokens leaves no room in the model's ${maxPositions}.`, {
    code: 'context_length_exceeded',
    param,
  })
}
