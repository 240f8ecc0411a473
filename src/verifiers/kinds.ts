/** The verifiers by name. One is loaded only when its kind is asked for. */
import { DataError } from '../errors.ts'
import { type Case, goldOf, type LoadedVerifier } from './case.ts'

export type Kind = 'math' | 'code' | 'choice' | 'countdown'

export const KINDS: Record<Kind, (concurrency: number) => Promise<LoadedVerifier>> = {
  math: async (concurrency) => {
    const { startMathThreads } = await import('./math/threads.ts')
    return startMathThreads(concurrency)
  },

  async code() {
    const { closeSandboxes, codeTestsFromGold, verifyCode } = await import('./code/verify.ts')
    return {
      verify: (given) => verifyCode(given.prediction, codeTestsFromGold(goldOf(given))),
      close: closeSandboxes,
    }
  },

  async choice() {
    const { verifyChoice } = await import('./choice.ts')
    return {
      verify: (given) => {
        const { choices } = given.row
        if (choices === undefined) return verifyChoice(given.prediction, goldOf(given))
        if (!Array.isArray(choices) || !choices.every((choice) => /^(?:string|number)$/.test(typeof choice)))
          throw new DataError('choices is not a list of strings.')
        return verifyChoice(given.prediction, goldOf(given), { choices: choices.map(String) })
      },
    }
  },

  async countdown() {
    const { verifyCountdown } = await import('./countdown.ts')
    return { verify: (given) => verifyCountdown(given.prediction, countdownProblem(given)) }
  },
}

/** The puzzle stands in the row itself or, as JSON, in its gold. */
function countdownProblem({ row, gold }: Case): { numbers: number[]; target: number } {
  const puzzle = row.numbers === undefined && gold !== undefined ? parsed(gold) : row
  const { numbers, target } = puzzle
  if (isNumbers(numbers) && numbers.length > 0 && typeof target === 'number') return { numbers, target }
  throw new DataError('no Countdown puzzle.', {
    expected:
      '"numbers" and "target" in the row, or gold such as "{\\"numbers\\": [3, 5, 7], \\"target\\": 22}"',
  })
}

function parsed(gold: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(gold)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number')
