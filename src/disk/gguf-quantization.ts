/**
 * GGUF's number formats as float32. A row is a sequence of blocks; a block has its scales as float16 and a few bits a
 * value. Layouts are those of ggml-quants and of the Python package gguf, whose values the tests demand bit for bit.
 * Left out: the formats of two and three bits, the IQ family and the ternary ones.
 */
import { float16Values, widenBfloat16, widenFloat16 } from './half-precision.ts'

/** The numbers of blocks: quants[i] · scale − shift, of the group of neighbours that i is in. */
export interface Groups {
  quants: Int8Array
  /** One a group each. */
  scales: Float32Array
  shifts: Float32Array
}

export interface GgufFormat {
  /** The number by which the tensor table calls it. */
  id: number
  /** Values a block. */
  blockSize: number
  blockBytes: number
  /** Writes the values of whole blocks to the start of `into`. */
  widen(bytes: Uint8Array, into: Float32Array): void
}

export interface GroupedFormat extends GgufFormat {
  /** Values a group. */
  groupSize: number
  /** Writes the groups of whole blocks. */
  regroup(bytes: Uint8Array, into: Groups): void
}

/** Formats of whole numbers with a scale for each group. */
export const GROUPED_FORMATS = {
  Q4_0: blocks(2, 32, 18, 32, (b, at, f16, { quants, scales }, q, g) => {
    scales[g] = f16(0)
    for (let i = 0; i < 16; i++) {
      const two = b[at + 2 + i]!
      quants[q + i] = (two & 15) - 8
      quants[q + 16 + i] = (two >> 4) - 8
    }
  }),
  Q4_1: blocks(3, 32, 20, 32, (b, at, f16, { quants, scales, shifts }, q, g) => {
    scales[g] = f16(0)
    shifts[g] = -f16(2)
    for (let i = 0; i < 16; i++) {
      const two = b[at + 4 + i]!
      quants[q + i] = two & 15
      quants[q + 16 + i] = two >> 4
    }
  }),
  Q5_0: blocks(6, 32, 22, 32, (b, at, f16, { quants, scales }, q, g) => {
    scales[g] = f16(0)
    const fifth = b[at + 2]! | (b[at + 3]! << 8) | (b[at + 4]! << 16) | (b[at + 5]! << 24)
    for (let i = 0; i < 16; i++) {
      const two = b[at + 6 + i]!
      quants[q + i] = ((two & 15) | (((fifth >>> i) & 1) << 4)) - 16
      quants[q + 16 + i] = ((two >> 4) | (((fifth >>> (16 + i)) & 1) << 4)) - 16
    }
  }),
  Q8_0: blocks(8, 32, 34, 32, (b, at, f16, { quants, scales }, q, g) => {
    scales[g] = f16(0)
    for (let i = 0; i < 32; i++) quants[q + i] = b[at + 2 + i]!
  }),
  Q4_K: blocks(12, 256, 144, 32, (b, at, f16, { quants, scales, shifts }, q, g) => {
    for (let group = 0; group < 8; group++) {
      const { scale, min } = sixBits(b, at + 4, group)
      scales[g + group] = f16(0) * scale
      shifts[g + group] = f16(2) * min
      const from = at + 16 + (group >> 1) * 32
      for (let i = 0; i < 32; i++) quants[q + group * 32 + i] = (b[from + i]! >> ((group & 1) * 4)) & 15
    }
  }),
  Q5_K: blocks(13, 256, 176, 32, (b, at, f16, { quants, scales, shifts }, q, g) => {
    for (let group = 0; group < 8; group++) {
      const { scale, min } = sixBits(b, at + 4, group)
      scales[g + group] = f16(0) * scale
      shifts[g + group] = f16(2) * min
      const from = at + 48 + (group >> 1) * 32
      for (let i = 0; i < 32; i++) {
        const low = (b[from + i]! >> ((group & 1) * 4)) & 15
        quants[q + group * 32 + i] = low | (((b[at + 16 + i]! >> group) & 1) << 4)
      }
    }
  }),
  Q6_K: blocks(14, 256, 210, 16, (b, at, f16, { quants, scales }, q, g) => {
    for (let group = 0; group < 16; group++) scales[g + group] = f16(208) * signed(b[at + 192 + group]!)
    for (let i = 0; i < 256; i++) {
      // Each half of 128 values has 64 bytes of low bits, 32 of high ones: 32 values to each pair of bits.
      const half = i >> 7
      const quarter = (i >> 5) & 3
      const low = (b[at + half * 64 + (i & 63)]! >> ((quarter >> 1) * 4)) & 15
      const high = (b[at + 128 + half * 32 + (i & 31)]! >> (quarter * 2)) & 3
      quants[q + i] = (low | (high << 4)) - 32
    }
  }),
} satisfies Record<string, GroupedFormat>

export const GGUF_FORMATS: Readonly<Record<string, GgufFormat>> = {
  F32: {
    ...{ id: 0, blockSize: 1, blockBytes: 4 },
    widen: (bytes, into) =>
      new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(bytes.subarray(0, into.byteLength)),
  },
  F16: {
    ...{ id: 1, blockSize: 1, blockBytes: 2 },
    widen: (bytes, into) => widenFloat16(halves(bytes), into),
  },
  BF16: {
    ...{ id: 30, blockSize: 1, blockBytes: 2 },
    widen: (bytes, into) => widenBfloat16(halves(bytes), into),
  },
  ...GROUPED_FORMATS,
}

/** Scale and minimum of one of eight groups, six bits each, packed in twelve bytes. */
function sixBits(b: Uint8Array, at: number, group: number): { scale: number; min: number } {
  if (group < 4) return { scale: b[at + group]! & 63, min: b[at + 4 + group]! & 63 }
  const four = b[at + 4 + group]!
  return {
    scale: (four & 15) | ((b[at + group - 4]! >> 2) & 48),
    min: (four >> 4) | ((b[at + group]! >> 2) & 48),
  }
}

type RegroupBlock = (
  bytes: Uint8Array,
  at: number,
  /** The float16 at this offset from the block's start, in bytes. */
  float16: (offset: number) => number,
  into: Groups,
  /** Where the block's values and groups begin. */
  value: number,
  group: number,
) => void

function blocks(
  id: number,
  blockSize: number,
  blockBytes: number,
  groupSize: number,
  regroupBlock: RegroupBlock,
): GroupedFormat {
  const format = { id, blockSize, blockBytes, groupSize }
  function regroup(bytes: Uint8Array, into: Groups): void {
    const values = float16Values()
    let at = 0
    const float16 = (offset: number) => values[bytes[at + offset]! | (bytes[at + offset + 1]! << 8)]!
    for (let value = 0; at < bytes.length; at += blockBytes, value += blockSize)
      regroupBlock(bytes, at, float16, into, value, value / groupSize)
  }
  return {
    ...format,
    regroup,
    widen(bytes, into) {
      const some = emptyGroups(MOST_BLOCKS * blockSize, groupSize)
      for (let at = 0, out = 0; at < bytes.length; ) {
        const end = Math.min(bytes.length, at + MOST_BLOCKS * blockBytes)
        const size = ((end - at) / blockBytes) * blockSize
        regroup(bytes.subarray(at, end), some)
        widenGroups(some, groupSize, into.subarray(out, out + size))
        at = end
        out += size
      }
    },
  }
}

/** Blocks that are widened together. */
const MOST_BLOCKS = 1024

const emptyGroups = (size: number, groupSize: number): Groups => ({
  quants: new Int8Array(size),
  scales: new Float32Array(size / groupSize),
  shifts: new Float32Array(size / groupSize),
})

/** The values of as many groups as fill `into`. */
export function widenGroups({ quants, scales, shifts }: Groups, groupSize: number, into: Float32Array): void {
  for (let group = 0, i = 0; i < into.length; group++) {
    const [scale, shift] = [scales[group]!, shifts[group]!]
    for (const end = i + groupSize; i < end; i++) into[i] = scale * quants[i]! - shift
  }
}

const signed = (byte: number) => (byte << 24) >> 24
const halves = (bytes: Uint8Array) => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
