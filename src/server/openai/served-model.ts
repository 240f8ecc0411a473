/** A model that the server answers for: its name, its engine and the places in its sampler. */
import { basename } from 'node:path'
import { MAX_SLOTS } from '../../engine/onnx/lanes.ts'
import { ConfigError } from '../../errors.ts'
import { type LocalModel, openLocalModel } from '../../loading/local-model.ts'
import { ApiError } from './errors.ts'
import { createGate, type Gate } from './gate.ts'

export interface ServedModel {
  id: string
  /** Unix seconds at which it was opened. */
  created: number
  model: LocalModel
  gate: Gate
  /** Token ids; a prompt without room for a single token after it is a 400 that names the request's field `param`. */
  encode(text: string, param: string, options?: { specialTokens?: boolean }): Int32Array
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

export async function openServedModel({ id, path }: ModelSource, queue: number): Promise<ServedModel> {
  return serveModel(id, await openLocalModel(path), queue)
}

export function serveModel(id: string, model: LocalModel, queue: number): ServedModel {
  const { tokenizer, engine } = model
  const { maxPositions } = engine.config
  const longest = longestToken(model)
  return {
    id,
    created: Math.floor(Date.now() / 1000),
    model,
    gate: createGate({ places: MAX_SLOTS, queue }),
    encode(text, param, options) {
      const tooLong = (length: string) =>
        new ApiError(400, `The prompt of ${length} tokens leaves no room in the model's ${maxPositions}.`, {
          code: 'context_length_exceeded',
          param,
        })
      // No tokenizer makes it fit: not worth the time to try. Normalisation may join a few characters.
      if (text.length > 4 * longest * maxPositions) throw tooLong(`at least ${4 * maxPositions}`)
      const tokens = tokenizer.encode(text, options)
      if (tokens.length >= maxPositions) throw tooLong(String(tokens.length))
      if (tokens.length === 0) throw new ApiError(400, 'The prompt is empty.', { param })
      return tokens
    },
  }
}

function longestToken({ tokenizer }: LocalModel): number {
  let longest = 1
  for (let id = 0; id < tokenizer.vocabSize; id++)
    longest = Math.max(longest, tokenizer.tokenOf(id)?.length ?? 0)
  return longest
}
