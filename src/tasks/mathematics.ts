/** What every set of mathematics shares: how it is asked (R1 v2 SJ), the verdict, and which answers count as one in a majority vote. */
import { BOXED_DIRECTIVE } from '../text/boxed-directive.ts'
import { verifyMath } from '../verifiers/math/verify.ts'
import { type FieldMapping, finalAnswer, questionOf, referenceAnswer } from './field-mapping.ts'
import type { FileRow } from './file-rows.ts'
import type { Question, QuestionSet } from './task.ts'

export const mathematics = {
  prompt({ prompt }, form, instruction = form === 'tags' ? undefined : BOXED_DIRECTIVE) {
    return instruction === undefined ? prompt : `${prompt}\n${instruction}`
  },
  verify: ({ answer }, response) => verifyMath(response, answer),
  equivalent: async (a, b) => (await verifyMath(`\\boxed{${b}}`, a)).correct,
} satisfies Partial<QuestionSet>

/** A row of a question and its answer. */
export const mathematicsRow = (row: FileRow, mapping: FieldMapping = {}): Question => ({
  ...questionOf(row, mapping),
  answer: finalAnswer(referenceAnswer(row, mapping)),
})
