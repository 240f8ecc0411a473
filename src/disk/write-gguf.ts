/** Writes a GGUF file (version 3), one tensor in memory at a time; see gguf.ts. */
import { GGUF_FORMATS } from './gguf-quantization.ts'
import { narrowBfloat16, narrowFloat16 } from './half-precision.ts'
import { replaceFile } from './replace-file.ts'

/** Numbers name their width; typed arrays have theirs. */
export type GgufValue =
  | string
  | boolean
  | { uint32: number }
  | { float32: number }
  | readonly string[]
  | Int32Array
  | Float32Array

export type WrittenGgufType = 'F32' | 'F16' | 'BF16' | 'Q8_0'

export interface GgufTensorToWrite {
  name: string
  /** [out, in]; the file has it the other way round. */
  shape: readonly number[]
  dtype: WrittenGgufType
  /** The values, when their turn has come. */
  data: () => Float32Array | Promise<Float32Array>
}

const ALIGNMENT = 32
const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/** Replaces the file as a whole. */
export async function writeGguf(
  path: string,
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensorToWrite[],
): Promise<void> {
  const head: Uint8Array[] = [Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(metadata.size)]
  for (const [key, value] of metadata) {
    head.push(text(key))
    // A list of 262,144 tokens is more than a call takes arguments.
    for (const part of encode(value)) head.push(part)
  }
  let offset = 0
  const sizes = tensors.map(({ name, shape, dtype }) => {
    const { id, blockSize, blockBytes } = GGUF_FORMATS[dtype]!
    const size = (shape.reduce((product, n) => product * n, 1) / blockSize) * blockBytes
    head.push(text(name), uint32(shape.length), ...shape.toReversed().map(uint64), uint32(id), uint64(offset))
    offset += aligned(size)
    return size
  })
  const bytes = Buffer.concat(head)
  await replaceFile(path, async (write) => {
    await write(bytes)
    await write(Buffer.alloc(aligned(bytes.length) - bytes.length))
    for (const [i, { name, dtype, data }] of tensors.entries()) {
      const narrowed = narrow(await data(), dtype)
      if (narrowed.byteLength !== sizes[i])
        throw new Error(`writeGguf: ${narrowed.byteLength} bytes for ${name}, ${sizes[i]} announced`)
      await write(narrowed)
      await write(Buffer.alloc(aligned(narrowed.byteLength) - narrowed.byteLength))
    }
  })
}

function narrow(values: Float32Array, dtype: WrittenGgufType): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (dtype === 'Q8_0') return quantize8(values)
  const halves = new Uint16Array(values.length)
  if (dtype === 'F16') narrowFloat16(values, halves)
  else narrowBfloat16(values, halves)
  return new Uint8Array(halves.buffer)
}

/** Blocks of 32 with one scale: the largest magnitude is 127. As ggml rounds: halves away from zero. */
function quantize8(values: Float32Array): Uint8Array {
  const { blockSize, blockBytes } = GGUF_FORMATS.Q8_0!
  const out = new Uint8Array((values.length / blockSize) * blockBytes)
  const scale = new Uint16Array(1)
  for (let from = 0, at = 0; from < values.length; from += blockSize, at += blockBytes) {
    const block = values.subarray(from, from + blockSize)
    const step = Math.fround(block.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 127)
    const inverse = step === 0 ? 0 : Math.fround(1 / step)
    narrowFloat16(Float32Array.of(step), scale)
    out[at] = scale[0]! & 255
    out[at + 1] = scale[0]! >> 8
    for (const [i, x] of block.entries()) {
      const scaled = Math.fround(x * inverse)
      out[at + 2 + i] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5)
    }
  }
  return out
}

const TYPES = { uint32: 4, int32: 5, float32: 6, boolean: 7, string: 8, array: 9 } as const

function encode(value: GgufValue): Uint8Array[] {
  if (typeof value === 'string') return [uint32(TYPES.string), text(value)]
  if (typeof value === 'boolean') return [uint32(TYPES.boolean), Uint8Array.of(Number(value))]
  if (value instanceof Int32Array || value instanceof Float32Array) {
    const type = value instanceof Int32Array ? TYPES.int32 : TYPES.float32
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    return [uint32(TYPES.array), uint32(type), uint64(value.length), bytes]
  }
  if ('uint32' in value) return [uint32(TYPES.uint32), uint32(value.uint32)]
  if ('float32' in value)
    return [uint32(TYPES.float32), new Uint8Array(Float32Array.of(value.float32).buffer)]
  return [uint32(TYPES.array), uint32(TYPES.string), uint64(value.length), ...value.map(text)]
}

const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
const uint64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)
function text(value: string): Uint8Array {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}
