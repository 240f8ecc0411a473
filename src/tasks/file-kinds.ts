/**
 * What a row of a file is: mathematics, a program to write, multiple choice, a Countdown puzzle or a question with a free answer,
 * which a model judges. Its kind says how it is read, asked and judged, in training and in evaluation alike (R1 §2.2.2). A
 * setting names the kind, or the row itself in `kind`, or else the row's fields tell it, so one file may mix kinds.
 */
import type { Judge } from '../responders/judge.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import {
  countdownDirective,
  countdownRow,
  equivalentExpressions,
  isCountdown,
  verifyCountdownQuestion,
} from './countdown.ts'
import type { FieldMapping } from './field-mapping.ts'
import type { FileRow } from './file-rows.ts'
import { freeAnswers, freeRow, judgeFreeAnswer } from './free-answers.ts'
import { mathematics, mathematicsRow } from './mathematics.ts'
import { choicePrompt, choiceRow, hasChoices, multipleChoice } from './multiple-choice.ts'
import { hasTests, programRow, programs } from './programs.ts'
import type { Question, QuestionKind, QuestionSet } from './task.ts'

export interface RowMapping extends FieldMapping {
  /** The kind of every row; told from its fields where this is left out. */
  kind?: QuestionKind | undefined
}

interface FileKind extends Required<Pick<QuestionSet, 'prompt' | 'equivalent'>> {
  /** Whether the fields of a row are those of this kind. */
  has: (row: FileRow) => boolean
  read: (row: FileRow, mapping: FieldMapping) => Question
  verify: (question: Question, response: string, judge?: Judge) => Verdict | Promise<Verdict>
}

/** The first whose fields a row has is its kind. */
const FILE_KINDS: Record<QuestionKind, FileKind> = {
  countdown: {
    has: isCountdown,
    read: countdownRow,
    prompt: countdownDirective,
    verify: verifyCountdownQuestion,
    equivalent: equivalentExpressions,
  },
  code: { has: hasTests, read: programRow, ...programs },
  choice: { has: hasChoices, read: choiceRow, prompt: choicePrompt, ...multipleChoice },
  math: { has: () => true, read: mathematicsRow, ...mathematics },
  // No field tells that no rule can compare the answers.
  free: { has: () => false, read: freeRow, verify: judgeFreeAnswer, ...freeAnswers },
}

export const QUESTION_KINDS = Object.keys(FILE_KINDS) as [QuestionKind, ...QuestionKind[]]

/** The row as a question that knows its kind. */
export function readQuestion(row: FileRow, { kind, ...mapping }: RowMapping = {}): Question {
  const told =
    kind ??
    QUESTION_KINDS.find((name) => name === row.value.kind) ??
    QUESTION_KINDS.find((name) => FILE_KINDS[name].has(row))!
  return { ...FILE_KINDS[told].read(row, mapping), kind: told }
}

const own = ({ kind = 'math' }: Question): FileKind => FILE_KINDS[kind]

/** How questions of files are asked, judged and compared: each as its kind says, free answers by `judge`. */
export const byKind = (
  judge?: Judge,
): Required<Pick<QuestionSet, 'prompt' | 'verify' | 'seededBy'>> & {
  equivalent: NonNullable<QuestionSet['equivalent']>
} => ({
  seededBy: 'prompt',
  prompt: (question, form, instruction) => own(question).prompt(question, form, instruction),
  verify: (question, response) => own(question).verify(question, response, judge),
  equivalent: (a, b, question) => own(question).equivalent?.(a, b, question) ?? false,
})
