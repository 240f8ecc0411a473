import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareText, compareValue } from './compare-output.ts'
import type { JsonValue } from './json-value.ts'

describe('compareText', () => {
  it.each<[got: string, expected: string, equal: boolean]>([
    ['7\n', '7', true],
    ['1 2 \n3\n\n', '1 2\n3', true],
    ['1  2', '1 2', true],
    ['1\n2', '1 2', false],
    ['1', '1\n2', false],
    ['', '7', false],
    ['yes', 'YES', false],
    ['7.0', '7', true],
    ['1e3', '1000', true],
    ['+7', '7', true],
    ['007', '7', true],
    ['7', '007', false],
    ['11', '0011', false],
    ['5.3', '05.30', false],
    ['-5', '-05', false],
    ['0', '0.0', true],
    ['-0', '0', true],
    ['0.33333', '0.333333', false],
    ['0.3333334', '0.3333333', true],
    ['1000000.5', '1000000.0', true],
    ['6.9999999999', '7', false],
    ['9007199254740993', '9007199254740992', false],
    ['nan', '0.5', false],
    ['Infinity', '0.5', false],
    ['0x10', '16', false],
    ['a\r\nb', 'a\nb', true],
  ])('%j against %j: %s', (got, expected, equal) => {
    expect(compareText(got, expected, 1e-6) === null).toBe(equal)
  })

  it('names the first line that differs', () => {
    expect(compareText('1\n2\n4', '1\n2\n3', 0)).toEqual({ expected: '3', got: '4' })
    expect(compareText('1', '1\n2', 0)).toEqual({ expected: '2', got: 'end of output' })
  })

  it('accepts every text against itself, however it is spaced', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.stringMatching(/^[\w.+-]{1,6}$/), { minLength: 1 }), { minLength: 1 }),
        (table) => {
          const text = table.map((line) => line.join(' ')).join('\n')
          const spaced = table.map((line) => `${line.join('   ')}  `).join('\r\n')
          expect(compareText(spaced, text, 0)).toBeNull()
        },
      ),
    )
  })

  it('reads long numbers from a stranger in linear time', () => {
    for (const got of [`${'1'.repeat(2e6)}x`, `1${'0'.repeat(2e6)}1`, '1'.repeat(2e6)])
      expect(compareText(got, '1', 1e-6)).not.toBeNull()
  })
})

describe('compareValue', () => {
  it.each<[got: string, expected: JsonValue, equal: boolean]>([
    ['7', 7, true],
    ['7.0', 7, true],
    ['7.1', 7, false],
    ['0.30000000000000004', 0.3, true],
    ['"7"', 7, false],
    ['true', true, true],
    ['1', true, true],
    ['null', null, true],
    ['null', 0, false],
    ['[1,[2]]', [1, [2]], true],
    ['{"t":[1,{"t":[2]}]}', [1, [2]], true],
    ['[1]', [1, 2], false],
    ['{"s":[1]}', [1], false],
    ['{"d":[["a",1],[2,3]]}', { a: 1, '2': 3 }, true],
    ['{"d":[["a",1]]}', { a: 1, b: 2 }, false],
    ['{"i":"0x40000000000000000"}', 73786976294838206464n, true],
    ['{"i":"-0x40000000000000000"}', -73786976294838206464n, true],
    ['{"f":"inf"}', 1.5, false],
    ['{"o":0}', 4217, false],
    ['{"e":[1]}', [1], false],
    ['{"passed":true}', true, false],
    ['not json', 1, false],
    ['', null, false],
    [`${'['.repeat(200000)}`, 1, false],
    [`${'['.repeat(20000)}${']'.repeat(20000)}`, 1, false],
  ])('%.60s against %j: %s', (got, expected, equal) => {
    expect(compareValue(got, expected, 1e-6) === null).toBe(equal)
  })

  it('names an integer too long to write by its size', () => {
    const got = JSON.stringify({ t: [1, { i: `0x1${'0'.repeat(15e6)}` }] })
    expect(compareValue(got, 1, 0)).toEqual({
      expected: '1',
      got: '[1, a whole number of about 18061801 digits]',
    })
    expect(compareValue('{"i":"0x40000000000000000"}', 1, 0)!.got).toBe('73786976294838206464')
  })

  it('reads a text from a stranger in linear time', () => {
    for (const got of [`"${'\\"'.repeat(2e5)}`, `"${'\\"'.repeat(2e5)}\\`])
      expect(compareValue(got, 1, 0)).not.toBeNull()
  })
})
