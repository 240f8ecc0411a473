/**
 * float16 (IEEE 754 binary16) and bfloat16 to and from float32, whole arrays at a time and rounding to nearest even.
 */

/** Writes the float32 values of `halves` to the start of `into`. */
export type Widen = (halves: Uint16Array, into: Float32Array) => void
/** Writes the rounded values of `singles` to the start of `into`. */
export type Narrow = (singles: Float32Array, into: Uint16Array) => void

export const widenBfloat16: Widen = (halves, into) => {
  const bits = bitsOf(into)
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16
}

export const widenFloat16: Widen = (halves, into) => {
  const bits = float16Bits()
  const out = bitsOf(into)
  for (let i = 0; i < halves.length; i++) out[i] = bits[halves[i]!]!
}

/** The value of every float16, by its bit pattern. */
export const float16Values = (): Float32Array => new Float32Array(float16Bits().buffer)

export const narrowBfloat16: Narrow = (singles, into) => {
  const bits = bitsOf(singles)
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!
    // Rounding could carry a NaN with a small payload over into infinity.
    const nan = (b & 0x7fff_ffff) > 0x7f80_0000
    into[i] = nan ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16
  }
}

export const narrowFloat16: Narrow = (singles, into) => {
  const bits = bitsOf(singles)
  for (let i = 0; i < bits.length; i++) into[i] = float16OfBits(bits[i]!)
}

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length)

/** The float32 bit pattern of every float16; made when first asked for. */
function float16Bits(): Uint32Array<ArrayBuffer> {
  patterns ??= Uint32Array.from({ length: 0x10000 }, (_, half) => bitsOfFloat16(half))
  return patterns
}
let patterns: Uint32Array<ArrayBuffer> | undefined

function bitsOfFloat16(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0x1f) return sign | 0x7f80_0000 | (fraction << 13)
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13)
  if (fraction === 0) return sign
  // A subnormal, fraction · 2^-24, is a normal float32: its leading 1 becomes the hidden bit.
  const leading = 31 - Math.clz32(fraction)
  return sign | ((leading + 103) << 23) | ((fraction << (23 - leading)) & 0x7f_ffff)
}

function float16OfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fff_ffff
  if (magnitude > 0x7f80_0000) return sign | 0x7e00
  if (magnitude >= 0x4780_0000) return sign | 0x7c00
  if (magnitude >= 0x3880_0000) {
    const rebased = magnitude - 0x3800_0000
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13)
  }
  const exponent = magnitude >>> 23
  if (exponent < 102) return sign
  const shift = 126 - exponent
  const significand = (magnitude & 0x7f_ffff) | 0x80_0000
  const half = significand >>> shift
  const rest = significand & ((1 << shift) - 1)
  const middle = 1 << (shift - 1)
  return sign | (half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0))
}
