/** Countdown (TinyZero's task): combine the given numbers, each exactly once, to reach the target. How it is asked and judged. */
import { z } from 'zod'
import { DataError } from '../errors.ts'
import { type Fraction, parseArithmetic, showFraction } from '../verifiers/arithmetic.ts'
import { verifyCountdown } from '../verifiers/countdown.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import { type FieldMapping, rowId } from './field-mapping.ts'
import type { FileRow } from './file-rows.ts'
import type { Question, QuestionSet } from './task.ts'

export interface CountdownProblem {
  numbers: number[]
  target: number
}

/** Without a full stop at the end, which the R1-Zero template brings. */
export function countdownPrompt({ numbers, target }: CountdownProblem, language: 'en' | 'zh' = 'en'): string {
  const list = numbers.join(', ')
  return language === 'en' ? `Using the numbers ${list}, make ${target}` : `用数字 ${list} 算出 ${target}`
}

/** `question.data` holds the problem. */
export function verifyCountdownQuestion(question: Question, response: string): Verdict {
  return verifyCountdown(response, question.data as unknown as CountdownProblem)
}

/** R1-Zero's template asks for the tags; where another is used, the question says all that the verifier wants. */
export const countdownDirective: NonNullable<QuestionSet['prompt']> = ({ prompt }, form) =>
  form === 'tags'
    ? prompt
    : `${prompt}. You may use +, -, *, / and parentheses, and you must use each number exactly once. Put the expression alone in <answer> </answer> tags at the end, for example <answer>(1 + 2) / 3</answer>.`

/** TinyZero's own files call the numbers `nums`. */
const rest = { target: z.number(), solution: z.unknown().optional() }
const numbers = z.array(z.number()).min(1)
const problemSchema = z.union([
  z.object({ numbers, ...rest }),
  z.object({ nums: numbers, ...rest }).transform(({ nums, ...other }) => ({ ...other, numbers: nums })),
])

export const isCountdown = ({ value }: FileRow): boolean => problemSchema.safeParse(value).success

/** A row of `{numbers, target}`, and `solution` where one is known. */
export function countdownRow(row: FileRow, mapping: FieldMapping = {}): Question {
  const problem = problemSchema.safeParse(row.value)
  if (!problem.success)
    throw new DataError('no Countdown puzzle in this row.', {
      field: row.place,
      expected: '`numbers`, a list of numbers, and `target`, a number',
    })
  const { numbers, target, solution } = problem.data
  return {
    id: rowId(row, mapping),
    prompt: countdownPrompt({ numbers, target }),
    answer: typeof solution === 'string' ? solution : String(target),
    data: { numbers, target },
  }
}

/** Expressions of one value that use the same numbers: a majority vote is on answers, not on how they are written. */
export function equivalentExpressions(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => parseArithmetic(text.split(/[=＝]/)[0]!))
  if (typeof x === 'string' || typeof y === 'string' || x!.value === null || y!.value === null) return a === b
  const numbers = ({ numbers }: { numbers: readonly Fraction[] }) => numbers.map(showFraction).sort().join()
  return showFraction(x!.value) === showFraction(y!.value) && numbers(x!) === numbers(y!)
}
