import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { narrowBfloat16, narrowFloat16, widenBfloat16, widenFloat16 } from './half-precision.ts'

const every = Uint16Array.from({ length: 0x10000 }, (_, i) => i)

const formats = [
  { name: 'float16', widen: widenFloat16, narrow: narrowFloat16, exponentBits: 5, fractionBits: 10 },
  { name: 'bfloat16', widen: widenBfloat16, narrow: narrowBfloat16, exponentBits: 8, fractionBits: 7 },
]

describe.each(formats)('$name', ({ widen, narrow, exponentBits, fractionBits }) => {
  const bias = 2 ** (exponentBits - 1) - 1
  /** The value by the format's definition. */
  const numberOf = (half: number): number => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half & 0x7fff) >>> fractionBits
    const fraction = (half & (2 ** fractionBits - 1)) / 2 ** fractionBits
    if (exponent === 2 ** exponentBits - 1) return fraction > 0 ? Number.NaN : sign * Number.POSITIVE_INFINITY
    return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
  }
  const widened = new Float32Array(every.length)
  widen(every, widened)

  it('widens all 65,536 values exactly', () => {
    expect(every.findIndex((half) => !Object.is(widened[half], numberOf(half)))).toBe(-1)
  })

  it('gives every value back, and NaN for NaN', () => {
    const back = new Uint16Array(every.length)
    narrow(widened, back)
    const wrong = every.filter((half) =>
      Number.isNaN(numberOf(half)) ? !Number.isNaN(numberOf(back[half]!)) : back[half] !== half,
    )
    expect([...wrong]).toEqual([])
  })

  it('rounds to the nearest, ties to even', () => {
    const infinity = (2 ** exponentBits - 1) << fractionBits
    const finite = fc.integer({ min: 0, max: infinity - 2 })
    fc.assert(
      fc.property(
        finite,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (half, part, negative) => {
          const [low, high] = [numberOf(half), numberOf(half + 1)]
          const x = Math.fround(low + part * (high - low))
          const middle = (low + high) / 2
          const expected = x < middle || (x === middle && half % 2 === 0) ? half : half + 1
          const got = new Uint16Array(1)
          narrow(Float32Array.of(negative ? -x : x), got)
          expect(got[0]).toBe(expected | (negative ? 0x8000 : 0))
        },
      ),
      { examples: [0, 1, 2, 0x3ff, 0x400, infinity - 3].map((half) => [half, 0.5, false]) },
    )
  })

  it('goes to infinity past the largest value', () => {
    const largest = numberOf(((2 ** exponentBits - 1) << fractionBits) - 1)
    const got = new Uint16Array(2)
    narrow(Float32Array.of(Math.fround(largest * (1 + 2 ** -fractionBits)), Number.NEGATIVE_INFINITY), got)
    expect([...got].map(numberOf)).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  })
})
