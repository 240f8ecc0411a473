/** Named tensors on disk, whatever the format: their table at once, their values one tensor at a time. */
import { CheckpointError } from '../errors.ts'

export interface StoredTensor {
  /** As the format spells it: F32, BF16, Q4_K, … */
  dtype: string
  shape: readonly number[]
}

export interface TensorStore {
  tensors: ReadonlyMap<string, StoredTensor>
  /** The tensor as float32, written to `into` where given. With `shape`, another shape is an error. */
  read(name: string, shape?: readonly number[], into?: Float32Array): Promise<Float32Array>
  /** Of formats with blocks: the format's name, and the tensor's bytes as they are. */
  formatOf?(name: string): string | undefined
  readBlocks?(name: string, shape: readonly number[]): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** Bytes that can be read from any place on: an open file, or memory. */
export interface ReadableAt {
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
}

/** A file that is not what it should be, in one sentence. */
export const brokenFile = (path: string, message: string, expected?: string, cause?: unknown) =>
  new CheckpointError(message, {
    field: path,
    ...(expected === undefined ? {} : { expected }),
    remedy: 'The file is damaged or of another format; fetch it again.',
    ...(cause === undefined ? {} : { cause }),
  })

export const missingTensor = (path: string, name: string, tensors: ReadonlyMap<string, StoredTensor>) =>
  new CheckpointError(`has no tensor ${name}.`, {
    field: path,
    remedy: `It has ${tensors.size} tensors${tensors.size > 0 ? `, ${[...tensors.keys()].slice(0, 3).join(', ')}, …` : ''}; check that config.json belongs to it.`,
  })

export const wrongShape = (path: string, name: string, found: readonly number[], wanted: readonly number[]) =>
  brokenFile(path, `tensor ${name} has shape [${found}].`, `shape [${wanted}]`)

/** Fills `into` from byte `start` on. One read takes at most 2 GiB and may take less than it was asked for. */
export async function readInto(
  path: string,
  handle: ReadableAt,
  start: number,
  into: ArrayBufferView,
): Promise<void> {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(bytes.length - done, 1 << 30)
    const { bytesRead } = await handle.read(bytes, done, length, start + done)
    if (bytesRead === 0) throw brokenFile(path, `is cut off at byte ${start + done}.`)
    done += bytesRead
  }
}
