/**
 * Countdown (TinyZero's task): does the expression in the last `<answer>` use each given number exactly once and
 * reach the target? Without tags, the one that the summary after the thinking says is the answer. What stands inside the
 * thinking is a try and no answer. As in TinyZero, except that values are exact, `**` and `//` are no operators, and there
 * is no partial credit; a trailing `= target` is allowed, since models like to write it.
 */
import { lastAnswerTag, statedAnswer } from '../text/reasoning.ts'
import { afterThinking } from './after-thinking.ts'
import { type Fraction, fraction, type Operator, parseArithmetic, showFraction } from './arithmetic.ts'
import { boxes } from './boxed.ts'
import type { Verdict } from './verifier.ts'

export interface CountdownOptions {
  /** The operators the puzzle allows; all four by default. */
  operators?: readonly Operator[]
  /** Without an `<answer>`, take the last `\boxed{}`, else the last line that is an expression. */
  lenient?: boolean
}

export function verifyCountdown(
  response: string,
  problem: { numbers: readonly number[]; target: number },
  { operators = ['+', '-', '*', '/'], lenient = false }: CountdownOptions = {},
): Verdict {
  const rest = afterThinking(response)
  const stated = rest === response ? null : statedAnswer(`</think>${rest}`)
  const answer = lastAnswerTag(rest) ?? stated ?? (lenient ? untaggedAnswer(rest) : null)
  if (answer === null) return { correct: false, extracted: null, reason: 'no <answer> found' }
  const extracted = unwrapped(answer)
  const no = (reason: string): Verdict => ({ correct: false, extracted, reason })

  const [left, claim, ...more] = extracted.split(/[=＝]/)
  if (more.length > 0) return no('more than one =')
  const expression = parseArithmetic(left!)
  if (typeof expression === 'string') return no(`not an arithmetic expression: ${expression}`)
  const foreign = [...expression.operators].find((operator) => !operators.includes(operator))
  if (foreign !== undefined) return no(`the operator ${foreign} is not allowed`)
  const misuse = numberMisuse(expression.numbers, problem.numbers)
  if (misuse !== null) return no(misuse)
  if (expression.value === null) return no('division by zero')

  const target = fraction(String(problem.target))
  if (target === null || !equal(expression.value, target))
    return no(`is ${showFraction(expression.value)}, not ${problem.target}`)
  if (claim !== undefined && !claims(claim, target))
    return no(`says it equals ${claim.trim()}, not ${problem.target}`)
  return { correct: true, extracted, reason: `is ${problem.target} and uses each number once` }
}

function claims(text: string, target: Fraction): boolean {
  const claim = parseArithmetic(text)
  return typeof claim !== 'string' && equal(claim.value, target)
}

function numberMisuse(used: readonly Fraction[], given: readonly number[]): string | null {
  const left = new Map<string, number>()
  for (const number of given) {
    const key = shown(number)
    left.set(key, (left.get(key) ?? 0) + 1)
  }
  for (const number of used.map(showFraction)) {
    const count = left.get(number)
    if (count === undefined) return `uses ${number}, which is not given`
    if (count === 0) return `uses ${number} too often`
    left.set(number, count - 1)
  }
  const unused = [...left].find(([, count]) => count > 0)
  return unused === undefined ? null : `does not use ${unused[0]}`
}

function shown(number: number): string {
  const exact = fraction(String(number))
  return exact === null ? String(number) : showFraction(exact)
}

function equal(a: Fraction | null, b: Fraction): boolean {
  return a !== null && a.n === b.n && a.d === b.d
}

/** The answer without what people and models put around a formula. */
function unwrapped(answer: string): string {
  const boxed = boxes(answer).at(-1)
  const inner = boxed === undefined ? answer : boxed.content
  return inner
    .replace(/\$|\\[()[\]]|`|\*\*(?=\s*$)|^\s*\*\*/g, ' ')
    .trim()
    .replace(/[.,;。，；]$/, '')
    .trim()
}

function untaggedAnswer(response: string): string | null {
  const boxed = boxes(response).at(-1)
  if (boxed !== undefined) return boxed.content
  const lines = response.split('\n').reverse()
  return lines.find((line) => isExpression(unwrapped(line))) ?? null
}

function isExpression(line: string): boolean {
  const parsed = parseArithmetic(line.split(/[=＝]/)[0]!)
  return typeof parsed !== 'string' && parsed.operators.size > 0
}
