/** Whether a reply solves the puzzle that was asked, where a rule can tell: Countdown, sums and small equations. */
import { parseArithmetic, showFraction } from '../../../src/verifiers/arithmetic.ts'
import { verifyCountdown } from '../../../src/verifiers/countdown.ts'

export interface PuzzleVerdict {
  correct: boolean
  /** Why not. */
  reason: string
}

const COUNTDOWN = [
  /^Using the numbers ([\d, ]+?),? make (-?\d+)\.?$/i,
  /^用数字 ?([\d,， ]+?) ?算出 ?(-?\d+)[。.]?$/,
]
const SUM = /^(?:Compute|计算) ([-+*/() \d]+?)\s*[。.]?$/i
const EQUATION = /^(?:Solve|解方程) (\d+) \* x ([-+]) (\d+) = (-?\d+)[。.]?$/i

/** `answer` is what the model said after its thinking, with or without the tags. Undefined for other questions. */
export function puzzleVerdict(question: string, answer: string): PuzzleVerdict | undefined {
  const asked = question.trim()
  const tagged = /<answer>/.test(answer) ? answer : `<answer>${answer}</answer>`
  for (const form of COUNTDOWN) {
    const [, numbers, target] = form.exec(asked) ?? []
    if (numbers === undefined) continue
    const problem = { numbers: (numbers.match(/\d+/g) ?? []).map(Number), target: Number(target) }
    const { correct, reason } = verifyCountdown(tagged, problem)
    return { correct, reason }
  }
  const expected = expectedNumber(asked)
  if (expected === undefined) return undefined
  const [, said] = /<answer>\s*(?:x\s*=\s*)?(-?\d+)\s*<\/answer>/.exec(tagged) ?? []
  if (said === undefined) return { correct: false, reason: 'no number' }
  return { correct: said === expected, reason: said === expected ? 'equal' : 'another number' }
}

function expectedNumber(question: string): string | undefined {
  const sum = SUM.exec(question)
  if (sum !== null) {
    const value = parseArithmetic(sum[1]!)
    return typeof value === 'string' || value.value === null ? undefined : showFraction(value.value)
  }
  const [, factor, sign, term, right] = EQUATION.exec(question) ?? []
  if (factor === undefined || Number(factor) === 0) return undefined
  return String((Number(right) - Number(`${sign}${term}`)) / Number(factor))
}
