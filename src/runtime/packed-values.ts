/** Packed numbers in this process: what a state is written with, and what its numbers are. */
import { GGUF_FORMATS } from '../disk/gguf-quantization.ts'
import { narrowFloat16 } from '../disk/half-precision.ts'
import { isPacked, PACKED, type Packed, packedBytes } from '../graph/packed.ts'
import type { DType } from '../graph/tensor.ts'

/** The numbers that these bytes stand for. */
export function widened(dtype: Packed, bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const { blockSize, blockBytes } = PACKED[dtype]
  const into = new Float32Array((bytes.length / blockBytes) * blockSize)
  GGUF_FORMATS[dtype === 'float16' ? 'F16' : dtype]!.widen(bytes, into)
  return into
}

/** As bytes of half precision, each rounded to the nearest. */
export function halved(values: Float32Array): Uint8Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length)
  narrowFloat16(values, halves)
  return new Uint8Array(halves.buffer)
}

/** How many values a state of this size is written with: numbers, or bytes of packed ones. */
export const valuesOf = (dtype: DType, size: number): number =>
  isPacked(dtype) ? packedBytes(dtype, size) : size
