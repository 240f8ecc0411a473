import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fraction, parseArithmetic, showFraction } from './arithmetic.ts'

function computed(text: string): string {
  const parsed = parseArithmetic(text)
  if (typeof parsed === 'string') return parsed
  return parsed.value === null ? 'division by zero' : showFraction(parsed.value)
}

describe('parseArithmetic', () => {
  it.each([
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['10 - 3 - 2', '5'],
    ['12 / 3 / 2', '2'],
    ['1 / 3 + 1 / 6', '1/2'],
    ['8 / (3 - 8 / 3)', '24'],
    ['-3 + 5', '2'],
    ['2 * -3', '-6'],
    ['- - 4', '4'],
    ['[1 + 2] * (3)', '9'],
    ['1.5 + .25', '7/4'],
    ['3.', '3'],
    ['6 × 7 ÷ 2 − 1', '20'],
    ['（１＋２）＊３', '9'],
    ['3 x 4', '12'],
    ['(1+2)x(3+4)', '21'],
    ['3 \\times 4 \\div 2', '6'],
    ['\\left(1+2\\right)\\cdot 3', '9'],
    ['\\frac{1+2}{6} \\, + \\dfrac{1}{2}', '1'],
    ['123456789012345678901234567890 * 10', '1234567890123456789012345678900'],
    ['1 / (2 - 2)', 'division by zero'],
    ['1 / 0 * 0 + 5', 'division by zero'],
    ['', 'empty'],
    ['1 +', 'it breaks off'],
    ['(1 + 2', 'it breaks off'],
    ['1 + 2)', 'unexpected ")"'],
    ['(1 + 2]', 'unexpected "]"'],
    ['1 2', 'unexpected "2"'],
    ['3(4)', 'unexpected "("'],
    ['2 ** 3', 'unexpected "**"'],
    ['7 // 2', 'unexpected "//"'],
    ['2 ^ 3', 'unexpected "^"'],
    ['1,000', 'unexpected ","'],
    ['1e3', 'unexpected "e"'],
    ['x', 'unexpected "x"'],
    ['2²', 'unexpected "²"'],
    ['constructor', 'unexpected "constructor"'],
    ['\\frac12', 'unexpected "12"'],
    ['1+'.repeat(300), 'longer than 500 characters'],
    ['('.repeat(500), 'it breaks off'],
    ['-'.repeat(500), 'it breaks off'],
  ])('%s', (text, expected) => expect(computed(text)).toBe(expected))

  it('lists numbers and operators', () => {
    expect(parseArithmetic('93 + (30 - 100)')).toEqual({
      value: { n: 23n, d: 1n },
      numbers: [93n, 30n, 100n].map((n) => ({ n, d: 1n })),
      operators: new Set(['+', '-']),
    })
  })

  const expression = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.nat(99).map(String),
      fc
        .tuple(tie('tree'), fc.constantFrom(' + ', ' - ', '*', '/'), tie('tree'))
        .map((parts) => `(${parts.join('')})`),
    ),
  })).tree

  it('agrees with floating point on any expression', () => {
    fc.assert(
      fc.property(expression, (text) => {
        const parsed = parseArithmetic(text)
        if (typeof parsed === 'string') return expect(parsed).toMatch(/^longer/)
        // The test may evaluate: it wrote the text itself.
        const float = new Function(`return ${text}`)() as number
        if (parsed.value === null) return
        expect(Number(parsed.value.n) / Number(parsed.value.d)).toBeCloseTo(float, 6)
      }),
    )
  })

  it('never throws', () => {
    const piece = fc.constantFrom(...'0123456789+-*/()[]{}.= x', '\\frac', '×', '**')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        parseArithmetic(pieces.join(''))
      }),
    )
  })
})

describe('fraction', () => {
  it.each([
    ['5', '5'],
    ['-2.50', '-5/2'],
    ['0.125', '1/8'],
    ['-0', '0'],
  ])('%s', (text, expected) => expect(showFraction(fraction(text)!)).toBe(expected))

  it.each(['', '.', '-', '1e5', 'NaN', 'Infinity', '1/2', ' 1'])('is no number: %s', (text) => {
    expect(fraction(text)).toBeNull()
  })
})
