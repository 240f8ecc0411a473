/**
 * The safetensors format: eight bytes of header length, a JSON header, the tensors' bytes without gaps. A checkpoint
 * is one file, or several with an index that says which tensor is where. The headers are read at once, each tensor
 * on demand. Left out: integer and 8-bit float tensors, whose presence is no error but which cannot be read.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CheckpointError } from '../errors.ts'
import { isLfsPointer, LFS_POINTER } from './git-lfs.ts'
import { type Widen, widenBfloat16, widenFloat16 } from './half-precision.ts'
import {
  brokenFile,
  missingTensor,
  readInto,
  type StoredTensor,
  type TensorStore,
  wrongShape,
} from './tensor-store.ts'
import { readWholeFile } from './whole-file.ts'

/** Reads F32, F16, BF16 and F64. */
export interface SafetensorsCheckpoint extends TensorStore {
  /** The header's `__metadata__`; of the first file where there are several. */
  metadata: Readonly<Record<string, string>>
}

const SINGLE = 'model.safetensors'
const INDEX = 'model.safetensors.index.json'
const LARGEST_HEADER = 100_000_000
const CHUNK = 1 << 20

const BYTES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1 },
    ...{ I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 },
  }),
)

interface Located extends StoredTensor {
  /** Bytes from the start of the file. */
  start: number
  end: number
}

interface OpenFile {
  path: string
  handle: FileHandle
  tensors: Map<string, Located>
  metadata: Record<string, string>
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
      for (const name of file.tensors.keys()) places.set(name, file)
    }
  } catch (error) {
    await close()
    throw error
  }
  const tensors = new Map([...places].map(([name, file]) => [name, file.tensors.get(name)!]))
  return {
    tensors,
    metadata: files[0]?.metadata ?? {},
    async read(name, shape, into) {
      const file = places.get(name)
      if (file === undefined) throw missingTensor(found, name, tensors)
      const tensor = file.tensors.get(name)!
      if (shape !== undefined && shape.join() !== tensor.shape.join())
        throw wrongShape(file.path, name, tensor.shape, shape)
      return readFloats(file, name, tensor, into)
    },
    close,
  }
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
  const json = parse(index, (await readWholeFile(index, CheckpointError)).toString('utf8'))
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
    const { size } = await handle.stat()
    if (size < 8) throw brokenFile(path, `is ${size} bytes long.`, 'a safetensors file of at least 8 bytes')
    const start = await readBytes(path, handle, 0, Math.min(size, 64))
    if (isLfsPointer(start))
      throw new CheckpointError(LFS_POINTER.message, { field: path, remedy: LFS_POINTER.remedy })
    const length = Number(start.readBigUInt64LE())
    if (length > LARGEST_HEADER || length > size - 8)
      throw brokenFile(path, `its header claims ${length} bytes in a file of ${size}.`, 'a safetensors file')
    const header = parse(path, (await readBytes(path, handle, 8, length)).toString('utf8'))
    const { __metadata__: metadata, ...entries } = header
    return {
      path,
      handle,
      tensors: locateTensors(path, entries, 8 + length, size),
      metadata: isRecord(metadata) ? (metadata as Record<string, string>) : {},
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

function locateTensors(path: string, entries: Record<string, unknown>, base: number, size: number) {
  const tensors = Object.entries(entries).map(([name, entry]): [string, Located] => {
    const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {}
    if (typeof dtype !== 'string' || !areCounts(shape) || !areCounts(offsets) || offsets.length !== 2)
      throw brokenFile(
        path,
        `the header's entry for ${name} is ${shorten(entry)}.`,
        'dtype, shape, data_offsets',
      )
    const bytes = BYTES.get(dtype)
    if (bytes === undefined)
      throw brokenFile(
        path,
        `tensor ${name} has the unknown dtype ${dtype}.`,
        `one of ${[...BYTES.keys()].join(', ')}`,
      )
    const [begin, end] = offsets as [number, number]
    const expected = shape.reduce((product, n) => product * n, bytes)
    if (end - begin !== expected)
      throw brokenFile(
        path,
        `tensor ${name} spans ${end - begin} bytes.`,
        `${expected} for ${dtype} [${shape}]`,
      )
    return [name, { dtype, shape, start: base + begin, end: base + end }]
  })
  tensors.sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  let at = base
  for (const [name, { start, end }] of tensors) {
    if (start !== at)
      throw brokenFile(
        path,
        `tensor ${name} ${start < at ? 'overlaps' : 'leaves a gap after'} the one before it.`,
      )
    if (end > size)
      throw brokenFile(path, `is cut off: tensor ${name} ends at byte ${end} of a file of ${size}.`)
    at = end
  }
  if (at !== size) throw brokenFile(path, `has ${size - at} bytes after the last tensor.`)
  return new Map(tensors)
}

async function readFloats(
  { path, handle }: OpenFile,
  name: string,
  tensor: Located,
  into: Float32Array = new Float32Array((tensor.end - tensor.start) / BYTES.get(tensor.dtype)!),
): Promise<Float32Array> {
  if (tensor.dtype === 'F32') {
    await readInto(path, handle, tensor.start, into)
    return into
  }
  const widen: Widen | undefined = { F16: widenFloat16, BF16: widenBfloat16 }[tensor.dtype]
  if (widen === undefined && tensor.dtype !== 'F64')
    throw brokenFile(path, `tensor ${name} is ${tensor.dtype}.`, 'F32, F16, BF16 or F64')
  const scratch = new (widen === undefined ? Float64Array : Uint16Array)(Math.min(CHUNK, into.length))
  for (let done = 0; done < into.length; done += scratch.length) {
    const part = scratch.subarray(0, Math.min(scratch.length, into.length - done))
    await readInto(path, handle, tensor.start + done * part.BYTES_PER_ELEMENT, part)
    if (part instanceof Uint16Array) widen!(part, into.subarray(done))
    else into.set(part, done)
  }
  return into
}

async function readBytes(path: string, handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  await readInto(path, handle, start, bytes)
  return bytes
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text)
    if (isRecord(json)) return json
  } catch (cause) {
    throw brokenFile(path, 'its header is not JSON.', undefined, cause)
  }
  throw brokenFile(path, 'its header is not a JSON object.')
}

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
const areCounts = (x: unknown): x is number[] =>
  Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && n >= 0)
function shorten(x: unknown): string {
  try {
    return JSON.stringify(x).slice(0, 80)
  } catch {
    return 'nested too deeply'
  }
}
