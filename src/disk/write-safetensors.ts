/** Writes a safetensors file that transformers opens, one tensor in memory at a time; see safetensors.ts. */
import { type Narrow, narrowBfloat16, narrowFloat16 } from './half-precision.ts'
import { replaceFile, type WriteChunk } from './replace-file.ts'

export interface TensorToWrite {
  name: string
  shape: readonly number[]
  /** The values, or where to get them when their turn has come. */
  data: Float32Array | (() => Float32Array | Promise<Float32Array>)
  dtype?: WrittenType
}
export type WrittenType = 'F32' | 'F16' | 'BF16'

/** Replaces the file as a whole. `dtype` is for tensors that name none; transformers wants format pt. */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  {
    dtype = 'F32',
    metadata = { format: 'pt' },
  }: { dtype?: WrittenType; metadata?: Record<string, string> } = {},
): Promise<void> {
  const header = new Map<string, unknown>([['__metadata__', metadata]])
  let offset = 0
  for (const { name, shape, dtype: own = dtype } of tensors) {
    if (header.has(name)) throw new Error(`writeSafetensors: two tensors are called ${name}`)
    const end = offset + shape.reduce((product, n) => product * n, BYTES[own])
    header.set(name, { dtype: own, shape, data_offsets: [offset, end] })
    offset = end
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  // Spaces after the JSON put the first tensor at a multiple of eight, where it can be mapped into memory.
  const length = Math.ceil(json.length / 8) * 8
  const start = Buffer.alloc(8 + length, ' ')
  start.writeBigUInt64LE(BigInt(length))
  json.copy(start, 8)
  await replaceFile(path, async (write) => {
    await write(start)
    for (const { name, shape, data, dtype: own = dtype } of tensors) {
      const values = typeof data === 'function' ? await data() : data
      const count = shape.reduce((product, n) => product * n, 1)
      if (values.length !== count)
        throw new Error(`writeSafetensors: ${values.length} values for ${name} [${shape}]`)
      if (own === 'F32') await write(bytesOf(values))
      else await writeHalves(write, values, own === 'F16' ? narrowFloat16 : narrowBfloat16)
    }
  })
}

async function writeHalves(write: WriteChunk, values: Float32Array, narrow: Narrow) {
  const scratch = new Uint16Array(Math.min(CHUNK, values.length))
  for (let done = 0; done < values.length; done += scratch.length) {
    const part = values.subarray(done, done + scratch.length)
    narrow(part, scratch)
    await write(bytesOf(scratch.subarray(0, part.length)))
  }
}

const CHUNK = 1 << 20
const BYTES = { F32: 4, F16: 2, BF16: 2 } as const

const bytesOf = (x: ArrayBufferView) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
