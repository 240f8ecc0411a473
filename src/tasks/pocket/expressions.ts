/** All ways to combine three numbers in two steps with + - *, staying within the world's numbers. */
import { LARGEST_NUMBER } from '../../text/pocket-tokenizer.ts'
import { apply, type Operator } from './speaker.ts'

export interface TwoSteps {
  /** The first step, e.g. 8 + 3; the larger number stands first. */
  first: { a: number; op: Operator; b: number; value: number }
  /** The second step on its value, e.g. 11 * 5, or 12 - 11 where the third number is the larger. */
  op: Operator
  third: number
  value: number
}

/** About 27 for three numbers: fewer where numbers are equal or values leave the range. */
export function twoStepExpressions(numbers: readonly number[]): TwoSteps[] {
  const found = new Map<string, TwoSteps>()
  for (let k = 0; k < 3; k++) {
    const third = numbers[k]!
    const [b, a] = numbers.filter((_, i) => i !== k).sort((x, y) => x - y) as [number, number]
    for (const op of ['+', '-', '*'] as const) {
      const first = { a, op, b, value: apply(a, op, b) }
      for (const second of ['+', '-', '*'] as const) {
        const [left, right] = secondOperands(first.value, second, third)
        const steps = { first, op: second, third, value: apply(left, second, right) }
        if (first.value <= LARGEST_NUMBER && steps.value <= LARGEST_NUMBER)
          found.set(expressionText(steps), steps)
      }
    }
  }
  return [...found.values()]
}

/** The second step never leaves the numbers from 0 up: a difference has its larger number first. */
export function secondOperands(value: number, op: Operator, third: number): [number, number] {
  return op === '-' && third > value ? [third, value] : [value, third]
}

/** `( 8 + 3 ) * 5` or `12 - ( 8 + 3 )`. */
export function expressionText({ first, op, third }: TwoSteps): string {
  const inner = `( ${first.a} ${first.op} ${first.b} )`
  return op === '-' && third > first.value ? `${third} - ${inner}` : `${inner} ${op} ${third}`
}
