/** A free answer, graded by a judge that knows the reference: right, wrong, or not attempted (R1 v2 SJ). Only what follows the thinking is read. */

import { comparedTexts, type Judge } from '../../responders/judge.ts'
import type { Question } from '../../tasks/task.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import type { Verdict } from '../../verifiers/verifier.ts'
import type { GradedQuestion } from '../protocol.ts'

const GRADES = { A: 'right', B: 'wrong', C: 'not attempted' } as const

export const gradedByReference =
  (judge: Judge) =>
  async ({ prompt, answer: reference, data }: Question, response: string): Promise<Verdict> => {
    const { answer } = splitReasoning(response)
    // Thinking that never ended has no answer, which needs no judge.
    const grade =
      answer === ''
        ? 'C'
        : await judge.ask({
            prompt: graderPrompt(String(data?.asked ?? prompt), reference, answer),
            read: gradeIn,
            expected: 'A, B or C',
          })
    return {
      correct: grade === 'A',
      extracted: grade === 'C' ? null : answer,
      reason: GRADES[grade],
      details: { grade },
    }
  }

/** A letter that stands alone in its line, begins the reply as a label does, or ends it. "A" may be an article elsewhere. */
const LETTER = [/^\W*([ABC])\W*$/m, /^\W*([ABC])\W*[:.)]/, /(?:\bis|\bgrade|:)\W*([ABC])\W*$/i]

const gradeIn = (reply: string) =>
  (LETTER.map((pattern) => pattern.exec(reply)?.[1]).find((found) => found !== undefined) ?? null) as
    | keyof typeof GRADES
    | null

export function gradeShares(graded: readonly GradedQuestion[]): Record<string, number | null> {
  const grades = graded.flatMap(({ samples }) => samples.map(({ details }) => details!.grade as string))
  const count = (grade: string) => grades.filter((own) => own === grade).length
  const attempted = count('A') + count('B')
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole)
  return {
    incorrect: share(count('B'), grades.length),
    notAttempted: share(count('C'), grades.length),
    correctOfAttempted: share(count('A'), attempted),
  }
}

const graderPrompt = (question: string, reference: string, answer: string): string => `\
Grade an answer to a question by a reference answer, which is true. Reply with one letter alone:

A: right. The answer says all that the reference says, in whatever words or language, and nothing that contradicts it. What it says
besides does not matter. A number may be rounded to as many digits as the reference has.
B: wrong. Something in the answer contradicts the reference, even where the answer is hedged or gives it as one of several.
C: not attempted. The answer lacks what the reference says, and nothing in it contradicts the reference.

${comparedTexts(question, reference, answer)}`
