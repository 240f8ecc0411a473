/** What may go to Compute Engine, and what it would read as something else. */
import { describe, expect, it } from 'vitest'
import { isSymbolic } from './symbolic-text.ts'

const R = String.raw

describe('texts for the symbolic layer', () => {
  it.each([
    R`\lim_{x\to 0}\frac{\sin x}{x}`,
    R`\lim_{n\to\infty} e^{-n}`,
    R`\frac{d}{dx} x^2`,
    R`\int 2x \, dx`,
    R`\int_0^{\pi} \sin x \, dx`,
    R`\int_{0}^{1} x dx`,
    R`\sum_{k=1}^{\infty} \frac{1}{k^2}`,
  ])('%s is one', (text) => {
    expect(isSymbolic(text)).toBe(true)
  })

  it.each([
    ['a modulus', R`2 \pmod 5`],
    ['a sum over divisors', R`\sum_{d|n} d`],
    ['a sum without an end', R`\sum_{k=1} k`],
    ['an integral over a curve', R`\int_C f`],
    ['a limit from one side', R`\lim_{x\to 0^+} \frac1x`],
    ['a limit from the other side', R`\lim_{x\to 0^{-}} \frac1x`],
    ['dots', R`\ddot{x} + x = 0`],
    ['a question', '3?'],
    ['numbers side by side', '1 2'],
    ['a base', '2A5_{11}'],
    ['words', 'about 3 (or so)'],
    ['no mathematics', 'x'],
  ])('%s is none', (_, text) => {
    expect(isSymbolic(text)).toBe(false)
  })
})
