/**
 * Weights that stay at the server. A checkpoint's folder holds a pointer to them, `remote.json`; published weights can
 * also be fetched, as the folder that transformers or PEFT opens.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { x as extract } from 'tar'
import { z } from 'zod'
import { megabytes } from '../../disk/limits.ts'
import { replaceFile } from '../../disk/replace-file.ts'
import { openSafetensors } from '../../disk/safetensors.ts'
import { CheckpointError } from '../../errors.ts'
import type { TinkerClient } from './client.ts'

const FILE = 'remote.json'

const pointer = z.object({
  /** The server's address when it was written; another address may serve the same weights. */
  server: z.string(),
  /** `tinker://…` */
  path: z.string().startsWith('tinker://'),
  /** Training weights can be trained on; those for a sampler only be sampled. */
  kind: z.enum(['training', 'sampler']),
})
export type RemoteWeights = z.infer<typeof pointer>

export async function writePointer(folder: string, weights: RemoteWeights): Promise<void> {
  await mkdir(folder, { recursive: true })
  await replaceFile(join(folder, FILE), `${JSON.stringify(weights, null, 2)}\n`)
}

export async function readPointer(folder: string, kind: RemoteWeights['kind']): Promise<RemoteWeights> {
  const file = join(folder, FILE)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CheckpointError('these weights are not at a server.', {
      field: folder,
      expected: `a ${FILE}; weights cannot be sent to a server of the Tinker API`,
      cause,
    })
  })
  const { data, error } = pointer.safeParse(JSON.parse(text))
  if (error !== undefined) throw new CheckpointError('cannot be read.', { field: file, cause: error })
  if (data.kind !== kind)
    throw new CheckpointError(`these weights are for ${data.kind}.`, {
      field: file,
      expected: `${kind} weights`,
    })
  return data
}

/**
 * Fetches published weights, `tinker://<run>/…/<name>`, into a folder. The archive is unpacked beside it and moved in
 * once it is whole.
 */
export async function fetchWeights(
  client: TinkerClient,
  path: string,
  folder: string,
  base: string,
): Promise<void> {
  const parts = path.replace('tinker://', '').split('/')
  const [run, name] = [parts[0]!, parts.at(-1)!]
  const archive = await client.download(`training_runs/${run}/checkpoints/${name}/archive`, MOST_BYTES)
  await mkdir(folder, { recursive: true })
  const unpacked = await mkdtemp(join(folder, '.fetching-'))
  try {
    await writeFile(join(unpacked, 'archive'), archive)
    await unpack(join(unpacked, 'archive'), unpacked)
    await rm(join(unpacked, 'archive'))
    const root = await modelIn(unpacked)
    await completeAdapter(root, base)
    for (const file of await readdir(root)) await rename(join(root, file), join(folder, file))
  } finally {
    await rm(unpacked, { recursive: true, force: true })
  }
}

/** An archive, packed and unpacked: the weights of a model of two billion parameters in float32. */
const MOST_BYTES = 2 ** 33

/** Files and folders alone: a link could lead out of the folder. */
async function unpack(file: string, folder: string): Promise<void> {
  let bytes = 0
  await extract({
    file,
    cwd: folder,
    filter(_, entry) {
      bytes += entry.size
      return bytes <= MOST_BYTES && 'type' in entry && ['File', 'OldFile', 'Directory'].includes(entry.type)
    },
  })
  if (bytes > MOST_BYTES)
    throw new CheckpointError(
      `the archive that the server sent unpacks to more than ${megabytes(MOST_BYTES)}.`,
      {
        field: folder,
      },
    )
}

/** Archives have the files at their top, or in one folder. */
async function modelIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const weights = entries.find((entry) => entry.isFile() && entry.name.endsWith('.safetensors'))
  if (weights === undefined)
    throw new CheckpointError('the archive that the server sent has no weights in it.', { field: folder })
  return weights.parentPath
}

/** PEFT asks for the adapted modules, which SkyRL leaves out, and the base is the server's path for it. */
async function completeAdapter(folder: string, base: string): Promise<void> {
  const file = join(folder, 'adapter_config.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const weights = await openSafetensors(join(folder, 'adapter_model.safetensors'))
  const modules = new Set([...weights.tensors.keys()].map((name) => name.split('.').at(-3)!))
  await weights.close()
  const config = { ...JSON.parse(text), target_modules: [...modules], base_model_name_or_path: base }
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`)
}
