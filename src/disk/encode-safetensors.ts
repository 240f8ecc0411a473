/** A safetensors file as transformers opens it, one tensor in memory at a time; see safetensors.ts. */
import type { WriteChunk } from './file-contents.ts'
import { type Narrow, narrowBfloat16, narrowFloat16 } from './half-precision.ts'

export interface TensorToWrite {
  name: string
  shape: readonly number[]
  /** The values, or where to get them when their turn has come. */
  data: Float32Array | (() => Float32Array | Promise<Float32Array>)
  dtype?: WrittenType
}
export type WrittenType = 'F32' | 'F16' | 'BF16'

export interface SafetensorsOptions {
  /** Of tensors that name none. */
  dtype?: WrittenType
  /** transformers wants format pt. */
  metadata?: Record<string, string>
}

export function encodeSafetensors(
  tensors: readonly TensorToWrite[],
  { dtype = 'F32', metadata = { format: 'pt' } }: SafetensorsOptions = {},
): (write: WriteChunk) => Promise<void> {
  const header = new Map<string, unknown>([['__metadata__', metadata]])
  let offset = 0
  for (const { name, shape, dtype: own = dtype } of tensors) {
    if (header.has(name)) throw new Error(`encodeSafetensors: two tensors are called ${name}`)
    const end = offset + shape.reduce((product, n) => product * n, BYTES[own])
    header.set(name, { dtype: own, shape, data_offsets: [offset, end] })
    offset = end
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  // Spaces after the JSON put the first tensor at a multiple of eight, where it can be mapped into memory.
  const length = Math.ceil(json.length / 8) * 8
  const start = new Uint8Array(8 + length).fill(SPACE)
  new DataView(start.buffer).setBigUint64(0, BigInt(length), true)
  start.set(json, 8)
  return async (write) => {
    await write(start)
    for (const { name, shape, data, dtype: own = dtype } of tensors) {
      const values = typeof data === 'function' ? await data() : data
      const count = shape.reduce((product, n) => product * n, 1)
      if (values.length !== count)
        throw new Error(`encodeSafetensors: ${values.length} values for ${name} [${shape}]`)
      if (own === 'F32') await write(bytesOf(values))
      else await writeHalves(write, values, own === 'F16' ? narrowFloat16 : narrowBfloat16)
    }
  }
}

async function writeHalves(write: WriteChunk, values: Float32Array, narrow: Narrow) {
  const scratch = new Uint16Array(Math.min(CHUNK, values.length))
  for (let done = 0; done < values.length; done += scratch.length) {
    const part = values.subarray(done, done + scratch.length)
    narrow(part, scratch)
    await write(bytesOf(scratch.subarray(0, part.length)))
  }
}

const SPACE = 0x20
const CHUNK = 1 << 20
const BYTES = { F32: 4, F16: 2, BF16: 2 } as const

const bytesOf = (x: ArrayBufferView) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
