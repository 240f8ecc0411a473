import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partialMatch, stopStrings } from './stop-strings.ts'

/** Random cuts of a text. */
const pieces = (text: string, cuts: readonly number[]): string[] => {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
  return at.slice(1).map((end, i) => text.slice(at[i], end))
}

describe('stopStrings', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
  const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 })

  it('however the text is cut, it ends before the stop string that is whole first', () => {
    fc.assert(
      fc.property(word, fc.array(stop, { maxLength: 3 }), fc.array(fc.nat(50)), (text, stops, cuts) => {
        const ends = [...text].map((_, i) => i + 1)
        const end = ends.find((at) => stops.some((one) => text.slice(0, at).endsWith(one)))
        const hits = stops.filter((one) => text.slice(0, end).endsWith(one)).map((one) => one.length)
        const first = end === undefined ? Infinity : end - Math.max(...hits)
        const filter = stopStrings(stops)
        const told = pieces(text, cuts).map(filter.push).join('') + filter.end()
        expect(told).toBe(text.slice(0, first))
        expect(filter.stopped).toBe(end !== undefined)
      }),
    )
  })

  it('holds back no more than it must', () => {
    const filter = stopStrings(['\n\nUser:'])
    expect([filter.push('one\n'), filter.push('two\n\n'), filter.push('Us')]).toEqual(['one', '\ntwo', ''])
    expect(filter.push('age: x')).toBe('\n\nUsage: x')
  })
})

it.each([
  ['a<thi', ['<think>'], 4],
  ['a<think>', ['<think>'], 0],
  ['', ['<think>'], 0],
  ['aa', ['aab', 'ab'], 2],
])('partialMatch(%j, %j)', (text, patterns, length) => {
  expect(partialMatch(text, patterns)).toBe(length)
})
