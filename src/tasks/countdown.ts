/**
 * Countdown: combine the given numbers, each exactly once, to reach the target (TinyZero's task).
 * Here: how it is asked, how it is judged, and files of it, one `{"numbers": [30, 100, 93], "target": 23}` a line.
 */
import { basename } from 'node:path'
import { DataError } from '../errors.ts'
import { type Fraction, parseArithmetic, showFraction } from '../verifiers/arithmetic.ts'
import { verifyCountdown } from '../verifiers/countdown.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import { readRows } from './file-rows.ts'
import { type CountdownProblem, countdownPrompt } from './pocket/countdown.ts'
import type { Question, QuestionSet } from './task.ts'

/** `question.data` holds the problem. */
export function verifyCountdownQuestion(question: Question, response: string): Verdict {
  return verifyCountdown(response, question.data as unknown as CountdownProblem)
}

/** Expressions of one value that use the same numbers: a majority vote is on answers, not on how they are written. */
export function equivalentExpressions(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => parseArithmetic(text.split(/[=＝]/)[0]!))
  if (typeof x === 'string' || typeof y === 'string' || x!.value === null || y!.value === null) return a === b
  const numbers = ({ numbers }: { numbers: readonly Fraction[] }) => numbers.map(showFraction).sort().join()
  return showFraction(x!.value) === showFraction(y!.value) && numbers(x!) === numbers(y!)
}

/** Questions from a data file with `numbers` (or `nums`, as TinyZero has it), `target` and optionally `id` and `solution`. */
export async function loadCountdown(path: string): Promise<QuestionSet> {
  const name = basename(path).replace(/\.\w+(\.gz)?$/, '')
  const questions: Question[] = []
  for await (const { place, value } of readRows(path)) {
    const { id = place.slice(place.lastIndexOf(':') + 1), target, solution = '' } = value
    const numbers = value.numbers ?? value.nums
    if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every(Number.isInteger))
      throw new DataError('the numbers of a Countdown problem are missing.', {
        field: place,
        value: numbers,
        expected: '"numbers": a list of integers',
      })
    if (typeof target !== 'number' || !Number.isInteger(target))
      throw new DataError('the target of a Countdown problem is missing.', {
        field: place,
        value: target,
        expected: '"target": an integer',
      })
    questions.push({
      id: `${name}/${id}`,
      prompt: countdownPrompt({ numbers, target }),
      answer: String(solution),
      language: 'en',
      data: { numbers, target },
    })
  }
  return { name, questions, verify: verifyCountdownQuestion, equivalent: equivalentExpressions }
}
