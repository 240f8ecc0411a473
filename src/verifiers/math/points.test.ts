/** Where expressions are compared: near zero always, far from it only where a kink may lie there. */
import { describe, expect, it } from 'vitest'
import { parseAnswer } from './parse-answer.ts'
import { samplePoints } from './points.ts'

const valuesOf = (text: string, isFar: boolean): number[] => {
  const node = parseAnswer(text)
  return samplePoints(node, node, ['x'])
    .filter((point) => point.isFar === isFar)
    .map((point) => point.variables.get('x')!.re)
}

describe('sample points', () => {
  it('are near zero and of both signs', () => {
    const near = valuesOf('x^2+7', false)
    expect(near).toHaveLength(12)
    expect(Math.max(...near.map(Math.abs))).toBeLessThan(3)
    expect(new Set(near.map(Math.sign))).toEqual(new Set([1, -1]))
    expect(valuesOf('x^2+7', true)).toEqual([])
  })

  it('go around the numbers that are named and up to a thousand where a kink may be', () => {
    const far = valuesOf(String.raw`\max(x, 70000)`, true)
    expect(far.some((x) => x > 60_000 && x < 80_000)).toBe(true)
    expect(far.some((x) => x > 300 && x < 1_000)).toBe(true)
    expect(far.some((x) => x < -300)).toBe(true)
  })

  it('are whole and positive where only those have a meaning', () => {
    for (const isFar of [true, false])
      for (const x of valuesOf(String.raw`\gcd(x, 997)`, isFar))
        expect(Number.isInteger(x) && x > 0).toBe(true)
    expect(valuesOf(String.raw`\gcd(x, 997)`, true)).toContain(997)
  })

  it('stay near where a sum would have too many terms', () => {
    expect(valuesOf(String.raw`\sum_{k=1}^{x} |k|`, true)).toEqual([])
  })
})
