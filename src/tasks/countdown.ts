/** Countdown (TinyZero's task): combine the given numbers, each exactly once, to reach the target. How it is asked and judged. */
import { type Fraction, parseArithmetic, showFraction } from '../verifiers/arithmetic.ts'
import { verifyCountdown } from '../verifiers/countdown.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import type { Question } from './task.ts'

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

/** Expressions of one value that use the same numbers: a majority vote is on answers, not on how they are written. */
export function equivalentExpressions(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => parseArithmetic(text.split(/[=＝]/)[0]!))
  if (typeof x === 'string' || typeof y === 'string' || x!.value === null || y!.value === null) return a === b
  const numbers = ({ numbers }: { numbers: readonly Fraction[] }) => numbers.map(showFraction).sort().join()
  return showFraction(x!.value) === showFraction(y!.value) && numbers(x!) === numbers(y!)
}
