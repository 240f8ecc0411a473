import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson, writeJson } from './json-value.ts'

describe('JSON with every digit', () => {
  it.each<[text: string, value: unknown]>([
    ['12345678901234567890', 12345678901234567890n],
    ['[-9007199254740993, 1]', [-9007199254740993n, 1]],
    ['9007199254740991', 9007199254740991],
    ['"12345678901234567890"', '12345678901234567890'],
    ['{"a\\"1234567890123456789": 1.12345678901234567890}', { 'a"1234567890123456789': 1.1234567890123457 }],
    ['1234567890123456e1', 1234567890123456 * 10],
  ])('%s', (text, value) => expect(parseJson(text)).toEqual(value))

  it('agrees with JSON but for integers too long for it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const rounded = JSON.parse(writeJson(parseJson(text)))
        expect(rounded).toEqual(JSON.parse(text))
      }),
    )
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.bigInt(), fc.string(), fc.integer())), (values) => {
        const plain = values.map((v) =>
          typeof v === 'bigint' && Number.isSafeInteger(Number(v)) ? Number(v) : v,
        )
        expect(parseJson(writeJson(plain))).toEqual(plain)
      }),
    )
  })

  it('refuses what is no JSON', () => expect(() => parseJson('{')).toThrow(SyntaxError))
})
