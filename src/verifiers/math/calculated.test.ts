import { describe, expect, it } from 'vitest'
import { verifyMath } from './verify.ts'

describe('an answer that has to be calculated', () => {
  const verdict = (response: string, gold: string) => verifyMath(response, gold, { calculated: true })

  it.each([
    ['36', '36'],
    ['4 * 9 = 36', '36'],
    ['4 * 9 = 36. The answer is 36.', '36'],
    ['4 * 9 = 36 stickers', '36'],
    ['$\\boxed{36}$', '36'],
    ['The answer is 36 stickers.', '36'],
    ['-3', '-3'],
    ['1,200', '1200'],
    // What is no whole number may be written as a calculation.
    ['\\boxed{\\frac{1}{2}}', '\\frac{1}{2}'],
    ['1/2', '0.5'],
    ['1, 2', '1,2'],
  ])('%s is one', async (response, gold) => {
    expect(await verdict(response, gold)).toMatchObject({ correct: true })
  })

  it.each([
    '4 * 9',
    'The answer is 4 * 9.',
    '\\boxed{4 \\times 9}',
    '\\boxed{\\frac{72}{2}}',
    '\\boxed{\\sqrt{1296}}',
    '40 - 4',
    '30+6',
    '72/2',
    '\\sqrt{1296}',
    '4 * 9 = 30 + 6',
    '4(9)',
    '6^2',
  ])('%s is left to do', async (response) => {
    expect(await verdict(response, '36')).toMatchObject({ correct: false })
    expect(await verifyMath(response, '36')).toMatchObject({ correct: true })
  })

  it('is left to do, too, where only the symbolic layer could do it', async () => {
    const [response, gold] = ['$\\boxed{\\int_0^6 2x \\, dx}$', '36']
    expect(await verifyMath(response, gold)).toMatchObject({ correct: true })
    expect(await verdict(response, gold)).toMatchObject({ correct: false })
  })
})
