/**
 * GGUF's number formats as float32. A row is a sequence of blocks; a block has its scales as float16 and a few bits a
 * value. Layouts are those of ggml-quants and of the Python package gguf, whose values the tests demand bit for bit.
 * Left out: the formats of two and three bits, the IQ family and the ternary ones.
 */
import { float16Values, widenBfloat16, widenFloat16 } from './half-precision.ts'

export interface GgufFormat {
  /** The number by which the tensor table calls it. */
  id: number
  /** Values a block. */
  blockSize: number
  blockBytes: number
  /** Writes the values of whole blocks to the start of `into`. */
  widen(bytes: Uint8Array, into: Float32Array): void
}

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
  Q4_0: blocks(2, 32, 18, (b, at, f16, into, out) => {
    const d = f16(0)
    for (let i = 0; i < 16; i++) {
      const two = b[at + 2 + i]!
      into[out + i] = d * ((two & 15) - 8)
      into[out + 16 + i] = d * ((two >> 4) - 8)
    }
  }),
  Q4_1: blocks(3, 32, 20, (b, at, f16, into, out) => {
    const d = f16(0)
    const m = f16(2)
    for (let i = 0; i < 16; i++) {
      const two = b[at + 4 + i]!
      into[out + i] = d * (two & 15) + m
      into[out + 16 + i] = d * (two >> 4) + m
    }
  }),
  Q5_0: blocks(6, 32, 22, (b, at, f16, into, out) => {
    const d = f16(0)
    const fifth = b[at + 2]! | (b[at + 3]! << 8) | (b[at + 4]! << 16) | (b[at + 5]! << 24)
    for (let i = 0; i < 16; i++) {
      const two = b[at + 6 + i]!
      into[out + i] = d * (((two & 15) | (((fifth >>> i) & 1) << 4)) - 16)
      into[out + 16 + i] = d * (((two >> 4) | (((fifth >>> (16 + i)) & 1) << 4)) - 16)
    }
  }),
  Q8_0: blocks(8, 32, 34, (b, at, f16, into, out) => {
    const d = f16(0)
    for (let i = 0; i < 32; i++) into[out + i] = d * signed(b[at + 2 + i]!)
  }),
  Q4_K: blocks(12, 256, 144, (b, at, f16, into, out) => {
    const d = f16(0)
    const dmin = f16(2)
    for (let group = 0; group < 8; group++) {
      const { scale, min } = sixBits(b, at + 4, group)
      const [factor, shift] = [d * scale, dmin * min]
      const from = at + 16 + (group >> 1) * 32
      for (let i = 0; i < 32; i++)
        into[out + group * 32 + i] = factor * ((b[from + i]! >> ((group & 1) * 4)) & 15) - shift
    }
  }),
  Q5_K: blocks(13, 256, 176, (b, at, f16, into, out) => {
    const d = f16(0)
    const dmin = f16(2)
    for (let group = 0; group < 8; group++) {
      const { scale, min } = sixBits(b, at + 4, group)
      const [factor, shift] = [d * scale, dmin * min]
      const from = at + 48 + (group >> 1) * 32
      for (let i = 0; i < 32; i++) {
        const low = (b[from + i]! >> ((group & 1) * 4)) & 15
        into[out + group * 32 + i] = factor * (low | (((b[at + 16 + i]! >> group) & 1) << 4)) - shift
      }
    }
  }),
  Q6_K: blocks(14, 256, 210, (b, at, f16, into, out) => {
    const d = f16(208)
    for (let i = 0; i < 256; i++) {
      // Each half of 128 values has 64 bytes of low bits, 32 of high ones: 32 values to each pair of bits.
      const half = i >> 7
      const quarter = (i >> 5) & 3
      const low = (b[at + half * 64 + (i & 63)]! >> ((quarter >> 1) * 4)) & 15
      const high = (b[at + 128 + half * 32 + (i & 31)]! >> (quarter * 2)) & 3
      into[out + i] = d * signed(b[at + 192 + (i >> 4)]!) * ((low | (high << 4)) - 32)
    }
  }),
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

type WidenBlock = (
  bytes: Uint8Array,
  at: number,
  /** The float16 at this offset from the block's start, in bytes. */
  float16: (offset: number) => number,
  into: Float32Array,
  out: number,
) => void

function blocks(id: number, blockSize: number, blockBytes: number, widenBlock: WidenBlock): GgufFormat {
  return {
    ...{ id, blockSize, blockBytes },
    widen(bytes, into) {
      const values = float16Values()
      let at = 0
      const float16 = (offset: number) => values[bytes[at + offset]! | (bytes[at + offset + 1]! << 8)]!
      for (let out = 0; at < bytes.length; at += blockBytes, out += blockSize)
        widenBlock(bytes, at, float16, into, out)
    },
  }
}

const signed = (byte: number) => (byte << 24) >> 24
const halves = (bytes: Uint8Array) => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
