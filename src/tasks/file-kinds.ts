/**
 * What a row of a file is: mathematics, a program to write, multiple choice or a Countdown puzzle. Its kind says how it is read,
 * asked and judged, in training and in evaluation alike (R1 §2.2.2). A setting names the kind, or else the row's fields tell
 * it, so one file may mix kinds.
 */
import type { Kind } from '../verifiers/kinds.ts'
import {
  countdownDirective,
  countdownRow,
  equivalentExpressions,
  isCountdown,
  verifyCountdownQuestion,
} from './countdown.ts'
import type { FieldMapping } from './field-mapping.ts'
import type { FileRow } from './file-rows.ts'
import { mathematics, mathematicsRow } from './mathematics.ts'
import { choicePrompt, choiceRow, hasChoices, multipleChoice } from './multiple-choice.ts'
import { hasTests, programRow, programs } from './programs.ts'
import type { Question, QuestionSet } from './task.ts'

export interface RowMapping extends FieldMapping {
  /** The kind of every row; told from its fields where this is left out. */
  kind?: Kind | undefined
}

interface FileKind extends Required<Pick<QuestionSet, 'prompt' | 'verify' | 'equivalent'>> {
  /** Whether the fields of a row are those of this kind. */
  has: (row: FileRow) => boolean
  read: (row: FileRow, mapping: FieldMapping) => Question
}

/** The first whose fields a row has is its kind. */
const FILE_KINDS: Record<Kind, FileKind> = {
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
}

/** The row as a question that knows its kind. */
export function readQuestion(row: FileRow, { kind, ...mapping }: RowMapping = {}): Question {
  const told = kind ?? (Object.keys(FILE_KINDS) as Kind[]).find((name) => FILE_KINDS[name].has(row))!
  return { ...FILE_KINDS[told].read(row, mapping), kind: told }
}

const own = ({ kind = 'math' }: Question): FileKind => FILE_KINDS[kind]

/** How questions of files are asked, judged and compared: each as its kind says. */
export const byKind: Required<Pick<QuestionSet, 'prompt' | 'verify' | 'seededBy'>> & {
  equivalent: NonNullable<QuestionSet['equivalent']>
} = {
  seededBy: 'prompt',
  prompt: (question, form, instruction) => own(question).prompt(question, form, instruction),
  verify: (question, response) => own(question).verify(question, response),
  equivalent: (a, b, question) => own(question).equivalent?.(a, b, question) ?? false,
}
