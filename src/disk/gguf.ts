/**
 * GGUF, llama.cpp's format: one file with metadata, the tokenizer among it, and tensors of several number formats.
 * @huggingface/gguf reads the head; each tensor is widened to float32 on demand, a few megabytes at a time. Left out:
 * big-endian files and models split over several files.
 */
import { open } from 'node:fs/promises'
import { type GGMLQuantizationType, gguf, GGMLQuantizationType as Types } from '@huggingface/gguf'
import { CheckpointError } from '../errors.ts'
import { GGUF_FORMATS, type GgufFormat } from './gguf-quantization.ts'
import { isLfsPointer, LFS_POINTER } from './git-lfs.ts'
import {
  brokenFile,
  missingTensor,
  readInto,
  type StoredTensor,
  type TensorStore,
  wrongShape,
} from './tensor-store.ts'

export type GgufMetadata = Readonly<Record<string, unknown>>

export interface GgufFile extends TensorStore {
  path: string
  metadata: GgufMetadata
  /** With `index`, the part of the tensor at this place of its first axis; `shape` is the part's. */
  read(name: string, shape?: readonly number[], into?: Float32Array, index?: number): Promise<Float32Array>
  formatOf(name: string): string | undefined
  readBlocks(name: string, shape: readonly number[], index?: number): Promise<Uint8Array<ArrayBuffer>>
}

/** Tensors start at multiples of this many bytes where the metadata name no other number. */
const ALIGNMENT = 32
/** Values that are widened at a time. */
const CHUNK = 1 << 20

interface Located extends StoredTensor {
  /** Bytes from the start of the file; `end` is `start` where the format is not known. */
  start: number
  end: number
  format: GgufFormat | undefined
}

export const isGgufPath = (path: string): boolean => path.toLowerCase().endsWith('.gguf')

/** Shapes are [out, in], as in safetensors; the file has them the other way round. */
export async function openGguf(path: string): Promise<GgufFile> {
  const handle = await open(path, 'r').catch((cause) => {
    throw new CheckpointError('cannot be read.', { field: path, remedy: 'Check the path.', cause })
  })
  try {
    const { size } = await handle.stat()
    const { buffer: start } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    if (isLfsPointer(start))
      throw new CheckpointError(LFS_POINTER.message, { field: path, remedy: LFS_POINTER.remedy })
    const head = await gguf(path, { allowLocalFile: true }).catch((cause: Error) => {
      throw brokenFile(path, `is not a whole GGUF file (${cause.message}).`, undefined, cause)
    })
    const metadata = head.metadata as unknown as GgufMetadata
    if (!head.littleEndian) throw brokenFile(path, 'is big-endian.', 'a little-endian GGUF file')
    const pieces = Number(metadata['split.count'] ?? 1)
    if (pieces > 1)
      throw new CheckpointError(`is one of ${pieces} files of a model.`, {
        field: path,
        remedy: 'Merge them with llama.cpp: llama-gguf-split --merge FIRST OUTPUT.',
      })
    const alignment = Number(metadata['general.alignment'] ?? ALIGNMENT)
    const tensors = new Map<string, Located>()
    for (const { name, shape, dtype, offset } of head.tensorInfos) {
      const located = locate(
        path,
        name,
        shape.map(Number).reverse(),
        dtype,
        Number(head.tensorDataOffset + offset),
      )
      if (located.end > size)
        throw brokenFile(path, `is cut off: tensor ${name} ends at byte ${located.end} of a file of ${size}.`)
      if (Number(offset) % alignment !== 0)
        throw brokenFile(
          path,
          `tensor ${name} starts at byte ${offset} of the data.`,
          `a multiple of ${alignment}`,
        )
      tensors.set(name, located)
    }
    refuseOverlaps(path, tensors)
    const readable = (name: string, shape?: readonly number[], index?: number) => {
      const tensor = tensors.get(name)
      if (tensor === undefined) throw missingTensor(path, name, tensors)
      const found = index === undefined ? tensor.shape : tensor.shape.slice(1)
      if ((shape !== undefined && shape.join() !== found.join()) || (index ?? 0) >= tensor.shape[0]!)
        throw wrongShape(path, name, tensor.shape, shape ?? found)
      const { format } = tensor
      if (format !== undefined)
        return { format, shape: found, start: tensor.start + (index ?? 0) * bytesOf(found, format) }
      throw new CheckpointError(`tensor ${name} is ${tensor.dtype}.`, {
        field: path,
        expected: `one of ${Object.keys(GGUF_FORMATS).join(', ')}`,
        remedy: 'Take another quantisation of the model.',
      })
    }
    return {
      path,
      metadata,
      tensors,
      formatOf: (name) => tensors.get(name)?.dtype,
      async readBlocks(name, shape, index) {
        const { format, start } = readable(name, shape, index)
        const bytes = new Uint8Array(bytesOf(shape, format))
        await readInto(path, handle, start, bytes)
        return bytes
      },
      async read(name, shape, into, index) {
        const { format, start, shape: found } = readable(name, shape, index)
        const values = into ?? new Float32Array(numValues(found))
        const most = CHUNK / format.blockSize
        const scratch = new Uint8Array(
          Math.min(CHUNK, values.length) * (format.blockBytes / format.blockSize),
        )
        for (let block = 0; block * format.blockSize < values.length; block += most) {
          const first = block * format.blockSize
          const part = values.subarray(first, first + CHUNK)
          const bytes = scratch.subarray(0, (part.length / format.blockSize) * format.blockBytes)
          await readInto(path, handle, start + block * format.blockBytes, bytes)
          format.widen(bytes, part)
        }
        return values
      },
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

const numValues = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1)
const bytesOf = (shape: readonly number[], { blockSize, blockBytes }: GgufFormat) =>
  (numValues(shape) / blockSize) * blockBytes

const BY_ID = new Map(Object.entries(GGUF_FORMATS).map(([name, format]) => [format.id, { name, format }]))

function locate(
  path: string,
  name: string,
  shape: readonly number[],
  dtype: GGMLQuantizationType,
  start: number,
): Located {
  const known = BY_ID.get(dtype)
  if (known !== undefined && shape.at(-1)! % known.format.blockSize !== 0)
    throw brokenFile(
      path,
      `tensor ${name} [${shape}] is ${known.name}.`,
      `rows of a multiple of ${known.format.blockSize}`,
    )
  const end = start + (known === undefined ? 0 : bytesOf(shape, known.format))
  return { dtype: known?.name ?? Types[dtype] ?? `type ${dtype}`, shape, start, end, format: known?.format }
}

function refuseOverlaps(path: string, tensors: ReadonlyMap<string, Located>): void {
  const sorted = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  for (const [i, [name, { end }]] of sorted.entries()) {
    const next = sorted[i + 1]
    if (next !== undefined && next[1].start < end)
      throw brokenFile(path, `tensor ${next[0]} overlaps ${name}.`)
  }
}
