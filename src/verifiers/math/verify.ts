/**
 * Is this mathematical answer right? The accuracy reward of R1 §2.2.2 for mathematics. Cheap exact layers run at once in
 * this thread under a budget of steps and time; only what they leave open goes to Compute Engine in a worker that is stopped
 * at the limit. Left out: proofs, word problems judged by meaning, and answers given as code.
 */
import type { Verdict } from '../verifier.ts'
import { budgetUntil, OutOfBudget } from './budget.ts'
import { isCalculated } from './calculated.ts'
import { equivalent, renamed } from './equivalent.ts'
import { extractAnswer, type MatchType } from './extract.ts'
import { freeVariables, type Node } from './node.ts'
import { type Answer, readAnswer, sameChoice } from './read.ts'
import type { Comparing } from './scalars.ts'
import { symbolicallyEqual } from './symbolic.ts'
import { symbolicPair } from './symbolic-text.ts'
import { plainWords } from './words.ts'

export interface VerifyMathOptions {
  /** Decimals that must agree where either answer is a decimal. Default 6. */
  precision?: number
  /** Names of variables count, and a set is no tuple. Default true. */
  strict?: boolean
  /** Most time for one verdict. Default 2,000. */
  timeLimitMs?: number
  /** Where the prediction's answer may stand: marked LaTeX, plain text, or both. Default both. */
  matchTypes?: readonly MatchType[]
  /**
   * Where the gold is a whole number, the prediction must be a number too and no calculation that is left to do, `4 * 9` for 36.
   * For training on arithmetic, where a model learns to leave it to the verifier. Default false.
   */
  calculated?: boolean
}

const DEFAULT_TIME_LIMIT_MS = 2_000
/** A longer response is judged by its end, where the answer is. */
const MAX_RESPONSE = 400_000

export type OpenVerdict = Verdict & { undecided?: [string, string] }

/** Judges in this thread; `undecided` means that only the symbolic layer could still find them equal. */
export function judgeMath(prediction: string, gold: string, options: VerifyMathOptions = {}): OpenVerdict {
  try {
    return judge(prediction, gold, options)
  } catch (error) {
    // A defect of ours costs one verdict and not the run; the reason names it, and the property test looks for it.
    return { correct: false, extracted: null, reason: `could not be compared: ${error}` }
  }
}

function judge(prediction: string, gold: string, options: VerifyMathOptions): OpenVerdict {
  const limit = options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS
  const budget = budgetUntil(performance.now() + limit)
  const target = extractAnswer(gold.slice(-MAX_RESPONSE))
  if (!target) return { correct: false, extracted: null, reason: 'no answer found in the gold' }
  const found = extractAnswer(prediction.slice(-MAX_RESPONSE), options.matchTypes)
  if (!found) return { correct: false, extracted: null, reason: 'no answer found' }
  const [answer, expected] = [readAnswer(found.text), readAnswer(target.text)]
  if (answer.text === '') return { correct: false, extracted: '', reason: 'the answer is empty' }
  const comparing: Comparing = {
    precision: options.precision ?? 6,
    strict: options.strict ?? true,
    budget,
    undecided: !answer.isReadable || !expected.isReadable,
  }
  const verdict = (correct: boolean, reason: string): Verdict => ({ correct, extracted: answer.text, reason })
  // Before any comparison: the symbolic layer would do the calculation, too.
  if (options.calculated && isWhole(expected.text) && !isCalculated(answer.text))
    return verdict(false, 'a calculation that is left to do')
  try {
    const reason = comparison(answer, expected, comparing)
    if (reason) return verdict(true, reason)
  } catch (error) {
    if (error instanceof OutOfBudget) return verdict(false, `time limit of ${limit / 1_000} s`)
    throw error
  }
  const undecided = comparing.undecided ? symbolicPair(answer.text, expected.text) : null
  return undecided
    ? { ...verdict(false, 'not equal'), undecided }
    : verdict(false, `not equal to ${expected.text.slice(0, 60)}`)
}

/** Never throws and never takes longer than the limit. */
export async function verifyMath(
  prediction: string,
  gold: string,
  options: VerifyMathOptions = {},
): Promise<Verdict> {
  const start = performance.now()
  const { undecided, ...verdict } = judgeMath(prediction, gold, options)
  if (!undecided) return verdict
  const limit = options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS
  const outcome = await symbolicallyEqual(undecided[0], undecided[1], limit - (performance.now() - start))
  if (outcome === 'equal') return { ...verdict, correct: true, reason: 'equal symbolically' }
  if (outcome === 'late') return { ...verdict, reason: `time limit of ${limit / 1_000} s` }
  return verdict
}

/** `1,200` is a number, and `1,2` a list. */
const isWhole = (text: string): boolean => /^-?(\d+|\d{1,3}(,\d{3})+)$/.test(text)

/** Why two answers are the same, or null. */
function comparison(answer: Answer, expected: Answer, comparing: Comparing): string | null {
  if (withoutSpaces(answer.text) === withoutSpaces(expected.text)) return 'equal as written'
  if (sameChoice(answer, expected)) return 'same choice'
  if (!sameRestriction(answer.restriction, expected.restriction, comparing)) return null
  for (const a of answer.readings) {
    for (const b of expected.readings) {
      const [left, right] = comparing.strict
        ? [a, sameParameter(b, a, expected, answer)]
        : [inOrder(a), inOrder(b)]
      if (equivalent(left, right, comparing)) return a.kind === 'text' ? 'same words' : `equal by value`
    }
  }
  const isWords = isPlainWords(answer.text) && isPlainWords(expected.text)
  return isWords &&
    !areOtherNames(answer.text, expected.text) &&
    plainWords(answer.text) === plainWords(expected.text)
    ? 'same words'
    : null
}

function sameRestriction(a: Node | null, b: Node | null, comparing: Comparing): boolean {
  return a === null || b === null ? a === b : equivalent(a, b, comparing)
}

/** `kx` for any k says what `cx` does: the one name that only this answer has is spelt as in the other, where one is free. */
function sameParameter(node: Node, other: Node, own: Answer, others: Answer): Node {
  const [names, otherNames] = [freeVariables(node), freeVariables(other)]
  const [name, ...more] = names.filter((n) => !otherNames.includes(n))
  const [otherName, ...others2] = otherNames.filter((n) => !names.includes(n))
  if (!name || !otherName || more.length > 0 || others2.length > 0) return node
  const isFree = own.parameters.includes(name) || others.parameters.includes(otherName)
  return isFree ? renamed(node, new Map([[name, otherName]])) : node
}

/** `AB` is not `ab`: two or three letters are names, unless they are a word. */
const areOtherNames = (a: string, b: string): boolean =>
  a !== b &&
  [a, b].some((text) => /^[A-Z]{2,3}$/.test(text)) &&
  [a, b].some((text) => /^[a-z]{2,3}$/.test(text)) &&
  !/^(?:yes|no|odd|all|red|one|two|six|ten|tie|win|any)$/i.test(a)

/** Words with no mathematics in them. */
function isPlainWords(text: string): boolean {
  return /\p{L}{2,}/u.test(text) && !/[\\^=<>]/.test(text.replace(/\\(?:text|textbf|mathrm|mbox)\b/g, ''))
}

/** Spaces matter only between two letters or digits, braces not around one of them. */
const withoutSpaces = (text: string): string =>
  text
    .replace(/(?<!\\)\{(\w)\}/g, ' $1 ')
    .replace(/\s+/g, ' ')
    .replace(/(?<![\p{L}\p{N}]) | (?![\p{L}\p{N}])/gu, '')

/** Names variables by their order, for comparisons that are not strict about names. */
function inOrder(node: Node): Node {
  return renamed(node, new Map(freeVariables(node).map((name, k) => [name, `v${k}`])))
}
