/**
 * Weights on disk under `<folder>/<model>/<weights|sampler_weights>/<name>`, each a model's or an adapter's folder that
 * appears once it is whole. What a `tinker://` path names is found here, also after a restart.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { create } from 'tar'
import { WireError } from './wire-error.ts'

export type CheckpointKind = 'weights' | 'sampler_weights'

interface StoredCheckpoint {
  kind: CheckpointKind
  name: string
  /** ISO 8601 */
  time: string
}

export interface CheckpointStore {
  /** Refuses a name that is taken; the folder appears when `write` is done. Returns the `tinker://` path. */
  reserve(
    model: string,
    kind: CheckpointKind,
    name: string,
    write: (folder: string) => Promise<void>,
  ): {
    path: string
    written: Promise<void>
  }
  /** The folder of a `tinker://` path. */
  find(path: string, kind: CheckpointKind): string
  /** Those that have any. */
  models(): Promise<string[]>
  /** Oldest first. */
  list(model: string): Promise<StoredCheckpoint[]>
  /** The folder that was there. */
  remove(model: string, kind: CheckpointKind, name: string): Promise<string>
  /** A gzipped tar of the folder's files. */
  archive(model: string, name: string): Promise<Buffer>
}

const NAME = /^[a-zA-Z0-9_-]{1,255}$/
const MODEL = /^[a-zA-Z0-9_:-]{1,255}$/
const KINDS: readonly CheckpointKind[] = ['weights', 'sampler_weights']

export function createCheckpointStore(root: string): CheckpointStore {
  const unfinished = new Set<string>()

  function place(model: string, kind: CheckpointKind, name: string): string {
    if (!MODEL.test(model) || !NAME.test(name))
      throw new WireError(422, `${JSON.stringify(`${model}/${name}`)}: names have letters, digits, _ and -`)
    // No colons in folders' names: some systems have none.
    return join(root, model.replaceAll(':', '.'), kind, name)
  }

  function folderOf(model: string, kind: CheckpointKind, name: string): string {
    const folder = place(model, kind, name)
    if (unfinished.has(folder)) throw new WireError(425, `Checkpoint ${name} is still being created`)
    if (!existsSync(folder)) throw new WireError(404, `Checkpoint not found: ${model}/${name}`)
    return folder
  }

  async function list(model: string): Promise<StoredCheckpoint[]> {
    const found: StoredCheckpoint[] = []
    for (const kind of KINDS) {
      const folder = dirname(place(model, kind, 'any'))
      for (const name of existsSync(folder) ? await readdir(folder) : [])
        if (NAME.test(name))
          found.push({ kind, name, time: (await stat(join(folder, name))).mtime.toISOString() })
    }
    return found.sort((a, b) => a.time.localeCompare(b.time))
  }

  return {
    reserve(model, kind, name, write) {
      const folder = place(model, kind, name)
      if (unfinished.has(folder) || existsSync(folder))
        throw new WireError(409, `Checkpoint ${name} already exists`)
      unfinished.add(folder)
      const hidden = join(dirname(folder), `.writing-${name}`)
      const work = async () => {
        try {
          await rm(hidden, { recursive: true, force: true })
          await mkdir(hidden, { recursive: true })
          await write(hidden)
          await rename(hidden, folder)
        } finally {
          unfinished.delete(folder)
        }
      }
      return { path: `tinker://${model}/${kind}/${name}`, written: work() }
    },
    find(path, kind) {
      const [model, ...rest] = path.startsWith('tinker://') ? path.slice(9).split('/') : []
      const name = rest.at(-1)
      const fits = rest.length === 1 || (rest.length === 2 && rest[0] === kind)
      if (!model || !name || !fits)
        throw new WireError(400, `${path} is not of the form tinker://model/${kind}/name`)
      return folderOf(model, kind, name)
    },
    async models() {
      const found: string[] = []
      for (const entry of existsSync(root) ? await readdir(root) : []) {
        const name = entry.replaceAll('.', ':')
        if (MODEL.test(name) && (await list(name)).length > 0) found.push(name)
      }
      return found
    },
    list,
    async remove(model, kind, name) {
      const folder = folderOf(model, kind, name)
      await rm(folder, { recursive: true })
      return folder
    },
    async archive(model, name) {
      const folder = folderOf(model, 'sampler_weights', name)
      const chunks: Buffer[] = []
      for await (const chunk of create({ gzip: true, cwd: folder, portable: true }, await readdir(folder)))
        chunks.push(Buffer.from(chunk))
      return Buffer.concat(chunks)
    },
  }
}
