import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Datum } from './engine.ts'
import { longestDatum, type PackedRow, packRows, rowArrays, unpackRows } from './packing.ts'

const datum = (tokens: number[], unweighted: number): Datum => {
  const weights = Float32Array.from({ length: tokens.length - 1 }, (_, i) => (i < unweighted ? 0 : 1 + i))
  return { tokens: Int32Array.from(tokens), weights }
}
const repeated = (length: number, token = 1): number[] => new Array<number>(length).fill(token)

const placements = (rows: readonly PackedRow[]) =>
  rows.flatMap(({ placements }, row) => placements.map((placement) => ({ ...placement, row })))

/** Few prompts and few tokens, so that equal beginnings are common. */
const data = fc.array(
  fc
    .record({
      prompt: fc.constantFrom([1, 2, 3], [1, 2, 4], [1, 2], [5]),
      response: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 0, maxLength: 9 }),
      weighted: fc.boolean(),
    })
    .map(({ prompt, response, weighted }) =>
      datum([...prompt, ...response], weighted ? prompt.length - 1 : Number.POSITIVE_INFINITY),
    ),
  { minLength: 1, maxLength: 24 },
)
const rowLengths = fc.integer({ min: 12, max: 40 })
const forAll = (law: (batch: Datum[], rowLength: number) => void) =>
  fc.assert(fc.property(data, rowLengths, law))

describe('laws', () => {
  it('every prediction has a place of its own; only equal unweighted beginnings share one', () => {
    forAll((batch, rowLength) => {
      const packed = packRows(batch, rowLength)
      const all = placements(packed)
      expect(all.map((p) => p.datum).sort((a, b) => a - b)).toEqual(batch.map((_, d) => d))
      const owners = new Map<number, { datum: number; i: number }>()
      for (const { datum: d, row, prefix, prefixStart, start } of all) {
        const { tokens, weights } = batch[d]!
        for (let i = 0; i < weights.length; i++) {
          const place = i < prefix ? prefixStart + i : start - prefix + i
          expect(place).toBeGreaterThanOrEqual(0)
          expect(place).toBeLessThan(packed[row]!.length)
          const at = row * rowLength + place
          const owner = owners.get(at)
          if (owner !== undefined) {
            expect([weights[i], owner.i]).toEqual([0, i])
            const other = batch[owner.datum]!
            expect(other.weights[i]).toBe(0)
            expect(tokens.slice(0, i + 2)).toEqual(other.tokens.slice(0, i + 2))
          }
          owners.set(at, { datum: d, i })
        }
      }
      for (const { length } of packed) expect(length).toBeLessThanOrEqual(rowLength)
    })
  })

  it('what is packed comes back, chunk by chunk', () => {
    forAll((batch, rowLength) => {
      const packed = packRows(batch, rowLength)
      const targets = batch.map(({ weights }) => new Float32Array(weights.length))
      const found = batch.map(({ weights }) => new Float32Array(weights.length))
      for (let from = 0; from < packed.length; from += 2) {
        const rows = packed.slice(from, from + 2)
        const { length } = rows[0]!
        const arrays = rowArrays(batch, rows, length, 2)
        unpackRows(rows, length, arrays.weights, found)
        unpackRows(rows, length, Float32Array.from(arrays.targets, Number), targets)
      }
      batch.forEach(({ tokens, weights }, d) => {
        expect(found[d]).toEqual(weights)
        expect(targets[d]).toEqual(Float32Array.from(tokens.subarray(1)))
      })
    })
  })

  it('a token sees exactly the tokens before it in its own sequence', () => {
    forAll((batch, rowLength) => {
      const packed = packRows(batch, rowLength)
      const { tokens, positions, segments, parents } = rowArrays(batch, packed, rowLength)
      for (const { datum: d, row, prefix, prefixStart, start } of placements(packed)) {
        const own = batch[d]!.tokens
        for (let i = 0; i < own.length - 1; i++) {
          const base = row * rowLength
          const at = base + (i < prefix ? prefixStart + i : start - prefix + i)
          const seen: number[] = []
          for (let j = base; j <= at; j++)
            if (segments[j] === segments[at] || segments[j] === parents[at]) seen.push(j)
          expect(seen.map((j) => Number(tokens[j]))).toEqual(Array.from(own.subarray(0, i + 1)))
          expect(seen.map((j) => Number(positions[j]))).toEqual(seen.map((_, n) => n))
        }
      }
    })
  })

  it('sequences are told apart in every chunk, and their numbers fit its size', () => {
    forAll((batch, rowLength) => {
      const packed = packRows(batch, rowLength)
      for (const row of packed) {
        const { sequences, weights } = rowArrays(batch, [row], rowLength)
        const here = row.placements.filter((p) => batch[p.datum]!.weights.some((weight) => weight !== 0))
        const numbers = sequences.filter((_, at) => weights[at] !== 0)
        expect(new Set(numbers).size).toBe(here.length)
        for (const number of sequences) expect(Number(number)).toBeLessThan(rowLength)
      }
    })
  })
})

describe('packRows', () => {
  const rowsOf = (lengths: number[], rowLength: number) =>
    packRows(
      lengths.map((length, d) => datum([d, ...repeated(length)], 0)),
      rowLength,
    ).length

  it.each([
    [[6, 4, 5, 5, 3, 3, 4], 10, 3],
    [[7, 5, 4, 3, 1], 10, 2],
    [[10, 10], 10, 2],
    [[1], 10, 1],
  ])('predictions %j fit rows of %i in %i', (lengths, rowLength, rows) => {
    expect(rowsOf(lengths, rowLength)).toBe(rows)
  })

  it('the responses to one prompt pay for it once a row', () => {
    const prompt = repeated(20, 7)
    const group = Array.from({ length: 4 }, (_, g) => datum([...prompt, g, g, g], prompt.length - 1))
    // 19 shared predictions and 3 of each response.
    expect(packRows(group, 19 + 4 * 3)).toHaveLength(1)
    expect(packRows(group, 19 + 4 * 3 - 1)).toHaveLength(2)
  })

  it('a weighted prompt is not shared', () => {
    const prompt = repeated(20, 7)
    const group = Array.from({ length: 2 }, (_, g) => datum([...prompt, g], 0))
    expect(packRows(group, 32)).toHaveLength(2)
  })

  it('responses to a prompt that is longer than a row share it, as far as the model has positions', () => {
    const group = Array.from({ length: 8 }, (_, i) => datum([...repeated(40), ...repeated(8, 2 + i)], 39))
    expect(packRows(group, 32).map(({ length }) => length)).toEqual([39 + 32, 39 + 32])
    expect(packRows(group, 32, 60).map(({ length }) => length)).toEqual([55, 55, 55, 55])
  })

  it('a longer sequence has a longer row of its own, and the longest come first', () => {
    const rows = packRows(
      [3, 12, 4].map((length, d) => datum([d, ...repeated(length)], 0)),
      10,
    )
    expect(rows.map(({ length, placements }) => [length, placements.map((p) => p.datum)])).toEqual([
      [12, [1]],
      [7, [2, 0]],
    ])
  })

  it('a missing input is named', () => {
    const batch = [datum([1, 2, 3], 0)]
    expect(() => rowArrays(batch, packRows(batch, 8), 8, 1, ['advantages'])).toThrow('advantages')
  })

  it('the longest is counted in predictions', () => {
    expect([longestDatum([]), longestDatum([datum([1], 0), datum([1, 2, 3], 0)])]).toEqual([0, 2])
  })
})
