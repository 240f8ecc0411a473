import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expressionText, twoStepExpressions } from './expressions.ts'

const evaluate = (text: string): number => Number(new Function(`return ${text}`)())
const numbers = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 3 })

describe('twoStepExpressions', () => {
  it('states values that are right, with every number used once', () => {
    fc.assert(
      fc.property(numbers, (three) => {
        const sorted = (list: number[]) => list.toSorted((a, b) => a - b).join()
        const wrong = twoStepExpressions(three).filter((steps) => {
          const text = expressionText(steps)
          const used = sorted(text.match(/\d+/g)!.map(Number))
          const inRange = steps.value >= 0 && steps.value <= 200
          return evaluate(text) !== steps.value || !inRange || used !== sorted(three)
        })
        expect(wrong).toEqual([])
      }),
    )
  })

  it('does not depend on the order of the numbers and lists nothing twice', () => {
    fc.assert(
      fc.property(numbers, (three) => {
        const texts = twoStepExpressions(three).map(expressionText)
        expect(new Set(texts).size).toBe(texts.length)
        expect(texts.toSorted()).toEqual(
          twoStepExpressions(three.toReversed()).map(expressionText).toSorted(),
        )
      }),
    )
  })

  it('finds all 27 where the numbers differ and nothing grows too large', () => {
    expect(twoStepExpressions([2, 3, 5])).toHaveLength(27)
    expect(twoStepExpressions([12, 12, 12]).map(({ value }) => value)).not.toContain(1728)
  })
})
