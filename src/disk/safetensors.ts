/**
 * The safetensors format: eight bytes of header length, a JSON header, the tensors' bytes without gaps. A checkpoint
 * is one file, or several with an index that says which tensor is where. The headers are read at once, each tensor
 * on demand. Left out: integer and 8-bit float tensors, whose presence is no error but which cannot be read.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CheckpointError } from '../errors.ts'
import {
  checkpointOf,
  isRecord,
  parseHeader,
  placesIn,
  readHeader,
  type SafetensorsCheckpoint,
  type SafetensorsFile,
} from './decode-safetensors.ts'
import { brokenFile } from './tensor-store.ts'
import { readWholeFile } from './whole-file.ts'

const SINGLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'

interface OpenFile extends SafetensorsFile {
  handle: FileHandle
}

/** Opens a .safetensors file, an index file, or a folder with either. */
export async function openSafetensors(path: string): Promise<SafetensorsCheckpoint> {
  const found = await locate(path)
  const files: OpenFile[] = []
  const close = async () => {
    await Promise.all(files.map((file) => file.handle.close()))
  }
  const places = new Map<string, OpenFile>()
  try {
    if (found.endsWith('.json')) await openShards(found, files, places)
    else {
      const file = await openFile(found)
      files.push(file)
      for (const [name] of placesIn(file)) places.set(name, file)
    }
  } catch (error) {
    await close()
    throw error
  }
  return checkpointOf(found, files, places, close)
}

async function locate(path: string): Promise<string> {
  const info = await stat(path).catch((cause) => {
    throw new CheckpointError('cannot be read.', { field: path, remedy: 'Check the path.', cause })
  })
  if (!info.isDirectory()) return path
  const names = await readdir(path)
  for (const name of [SINGLE, INDEX]) if (names.includes(name)) return join(path, name)
  const others = names.filter((name) => /\.(bin|pt|pth|gguf|safetensors)$/.test(name))
  throw new CheckpointError(`has neither ${SINGLE} nor ${INDEX}.`, {
    field: path,
    remedy: others.includes('adapter_model.safetensors')
      ? `It holds a LoRA adapter; merge it first: r1 merge ${path} <folder>`
      : others.length > 0
        ? `Convert ${others.slice(0, 3).join(', ')} to safetensors.`
        : 'Give the folder that holds the weights.',
  })
}

async function openShards(index: string, files: OpenFile[], places: Map<string, OpenFile>): Promise<void> {
  const json = parseHeader(index, (await readWholeFile(index, CheckpointError)).toString('utf8'))
  const map = json.weight_map
  if (!isRecord(map)) throw brokenFile(index, 'has no weight_map.', 'an object from tensor name to file name')
  const byName = new Map<string, OpenFile>()
  for (const [tensor, shard] of Object.entries(map)) {
    if (typeof shard !== 'string' || basename(shard) !== shard)
      throw brokenFile(
        index,
        `weight_map.${tensor} is ${JSON.stringify(shard)}.`,
        'the name of a file beside the index',
      )
    let file = byName.get(shard)
    if (file === undefined) {
      file = await openFile(join(dirname(index), shard))
      byName.set(shard, file)
      files.push(file)
    }
    if (!file.tensors.has(tensor))
      throw brokenFile(file.path, `has no tensor ${tensor}, which ${basename(index)} says is there.`)
    places.set(tensor, file)
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, 'r').catch((cause) => {
    throw new CheckpointError('cannot be read.', {
      field: path,
      remedy: 'Fetch the missing file, or the whole checkpoint, again.',
      cause,
    })
  })
  try {
    return { ...(await readHeader(path, handle, (await handle.stat()).size)), handle }
  } catch (error) {
    await handle.close()
    throw error
  }
}
