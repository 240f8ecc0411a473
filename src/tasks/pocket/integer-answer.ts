/**
 * Problems whose answer is one integer: the last `<answer>` … `</answer>`, or what the summary after the thinking says is
 * the answer, must be exactly that integer.
 */
import { lastAnswerTag, statedAnswer } from '../../text/reasoning.ts'
import type { Verdict } from '../../verifiers/verifier.ts'
import type { Question } from '../task.ts'

export function verifyInteger(question: Question, response: string): Verdict {
  const extracted = lastAnswerTag(response) ?? statedAnswer(response)
  if (extracted === null) return { correct: false, extracted, reason: 'no <answer> … </answer> found' }
  if (!/^-?\d+$/.test(extracted)) return { correct: false, extracted, reason: 'not an integer' }
  const correct = BigInt(extracted) === BigInt(question.answer)
  return { correct, extracted, reason: correct ? 'equal' : 'another integer' }
}
