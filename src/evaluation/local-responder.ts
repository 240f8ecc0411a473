/** A model at a path (a folder, a run, `folder@url`) as the target of an evaluation. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isGgufPath } from '../disk/gguf.ts'
import type { Frozen } from '../model/lora.ts'
import type { Responder } from '../responders/responder.ts'
import { policyResponder } from './policy-responder.ts'

/** Loads the engine when it is called, not before: a server can be measured without one. */
export async function localResponder(path: string, frozen?: Frozen): Promise<Responder> {
  const { openSamplingModel } = await import('../loading/sampling-model.ts')
  const model = await openSamplingModel(path, { frozen })
  return policyResponder(model, {
    name: path,
    ...(model.url === undefined && { version: weightsVersion(model.folder, frozen) }),
    close: model.close,
  })
}

/** Sizes and times of the weight files: hashing gigabytes would take longer than many evaluations. */
function weightsVersion(model: string, frozen: Frozen = 'float32'): string {
  const files = isGgufPath(model)
    ? [model]
    : readdirSync(model)
        .filter((name) => /\.(safetensors|gguf|bin)$/.test(name))
        .sort()
        .map((name) => join(model, name))
  const versions = files.map((file) => {
    const { size, mtimeMs } = statSync(file)
    return `${basename(file)} ${size} ${mtimeMs}`
  })
  return [...versions, ...(frozen === 'float32' ? [] : [frozen])].join('; ')
}
