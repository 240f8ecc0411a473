/**
 * Number formats that weights keep in memory and that are widened where they are read: half precision, and blocks of four
 * to eight bits a number as GGUF has them (disk/gguf-quantization.ts says what they hold). A state of such a format is
 * written as its bytes; `cast` makes float32 of it.
 */
export type Packed = 'float16' | 'Q4_0' | 'Q8_0' | 'Q4_K' | 'Q6_K'

/** In blocks, numbers of a group are whole ones times a scale, less a shift where there are such (disk/gguf-quantization.ts). */
export const PACKED: Readonly<Record<Packed, PackedFormat>> = {
  float16: { blockSize: 1, blockBytes: 2 },
  Q4_0: { blockSize: 32, blockBytes: 18, groups: { size: 32, shifted: false } },
  Q8_0: { blockSize: 32, blockBytes: 34, groups: { size: 32, shifted: false } },
  Q4_K: { blockSize: 256, blockBytes: 144, groups: { size: 32, shifted: true } },
  Q6_K: { blockSize: 256, blockBytes: 210, groups: { size: 16, shifted: false } },
}

interface PackedFormat {
  blockSize: number
  blockBytes: number
  groups?: { size: number; shifted: boolean }
}

export const isPacked = (dtype: string): dtype is Packed => dtype in PACKED

/** Bytes of so many numbers, which fill whole blocks. */
export const packedBytes = (dtype: Packed, size: number): number =>
  (size / PACKED[dtype].blockSize) * PACKED[dtype].blockBytes
