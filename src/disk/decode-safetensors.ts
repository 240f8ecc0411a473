/** One safetensors file, wherever its bytes are; see safetensors.ts. */
import { CheckpointError } from '../errors.ts'
import { isLfsPointer, LFS_POINTER } from './git-lfs.ts'
import { type Widen, widenBfloat16, widenFloat16 } from './half-precision.ts'
import {
  brokenFile,
  missingTensor,
  type ReadableAt,
  readInto,
  type StoredTensor,
  type TensorStore,
  wrongShape,
} from './tensor-store.ts'

/** Reads F32, F16, BF16 and F64. */
export interface SafetensorsCheckpoint extends TensorStore {
  /** The header's `__metadata__`; of the first file where there are several. */
  metadata: Readonly<Record<string, string>>
}

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

export interface SafetensorsFile {
  path: string
  handle: ReadableAt
  /** The header's table. */
  tensors: Map<string, Located>
  metadata: Record<string, string>
}

/** Reads the header of a file of `size` bytes. */
export async function readHeader(path: string, handle: ReadableAt, size: number): Promise<SafetensorsFile> {
  if (size < 8) throw brokenFile(path, `is ${size} bytes long.`, 'a safetensors file of at least 8 bytes')
  const start = await readBytes(path, handle, 0, Math.min(size, 64))
  if (isLfsPointer(start))
    throw new CheckpointError(LFS_POINTER.message, { field: path, remedy: LFS_POINTER.remedy })
  const length = Number(new DataView(start.buffer).getBigUint64(0, true))
  if (length > LARGEST_HEADER || length > size - 8)
    throw brokenFile(path, `its header claims ${length} bytes in a file of ${size}.`, 'a safetensors file')
  const header = parseHeader(path, new TextDecoder().decode(await readBytes(path, handle, 8, length)))
  const { __metadata__: metadata, ...entries } = header
  return {
    path,
    handle,
    tensors: locateTensors(path, entries, 8 + length, size),
    metadata: isRecord(metadata) ? (metadata as Record<string, string>) : {},
  }
}

/** Tensors of one file or several; `path` names them in errors. */
export function checkpointOf(
  path: string,
  files: readonly SafetensorsFile[],
  places: ReadonlyMap<string, SafetensorsFile>,
  close: () => Promise<void>,
): SafetensorsCheckpoint {
  const tensors = new Map([...places].map(([name, file]) => [name, file.tensors.get(name)!]))
  return {
    tensors,
    metadata: files[0]?.metadata ?? {},
    async read(name, shape, into) {
      const file = places.get(name)
      if (file === undefined) throw missingTensor(path, name, tensors)
      const tensor = file.tensors.get(name)!
      if (shape !== undefined && shape.join() !== tensor.shape.join())
        throw wrongShape(file.path, name, tensor.shape, shape)
      return readFloats(file, name, tensor, into)
    },
    close,
  }
}

export const placesIn = (file: SafetensorsFile): [string, SafetensorsFile][] =>
  [...file.tensors.keys()].map((name) => [name, file])

/** The tensors of a file that is in memory. */
export async function decodeSafetensors(path: string, bytes: Uint8Array): Promise<SafetensorsCheckpoint> {
  const handle: ReadableAt = {
    async read(into, offset, length, position) {
      const part = bytes.subarray(position, position + length)
      into.set(part, offset)
      return { bytesRead: part.length }
    },
  }
  const file = await readHeader(path, handle, bytes.length)
  return checkpointOf(path, [file], new Map(placesIn(file)), async () => {})
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
  { path, handle }: SafetensorsFile,
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

async function readBytes(
  path: string,
  handle: ReadableAt,
  start: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  await readInto(path, handle, start, bytes)
  return bytes
}

export function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text)
    if (isRecord(json)) return json
  } catch (cause) {
    throw brokenFile(path, 'its header is not JSON.', undefined, cause)
  }
  throw brokenFile(path, 'its header is not a JSON object.')
}

export const isRecord = (x: unknown): x is Record<string, unknown> =>
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
