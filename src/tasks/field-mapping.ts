/**
 * Which field of a row is the question and which the answer. Unnamed fields are found by the names that public data
 * sets use; a dotted name reaches into objects (`reward_model.ground_truth`); a list of chat messages stands for
 * its last user message.
 */
import type { JsonObject } from '../disk/jsonl.ts'
import { DataError } from '../errors.ts'
import type { FileRow } from './file-rows.ts'
import type { Question } from './task.ts'

export interface FieldMapping {
  questionField?: string | undefined
  answerField?: string | undefined
  idField?: string | undefined
  languageField?: string | undefined
}

const QUESTION_FIELDS = ['question', 'problem', 'prompt', 'text', 'problem_statement', 'Question', 'input']
const ANSWER_FIELDS = [
  'answer',
  'final_answer',
  'gold',
  'ground_truth',
  'reward_model.ground_truth',
  'target',
]
const ID_FIELDS = ['id', 'unique_id', 'task_id', 'instance_id', 'question_id', 'key']

/** What every kind of row has: an id, the line number where there is none, the question, and the language where it is named. */
export function questionOf(row: FileRow, mapping: FieldMapping = {}): Omit<Question, 'answer'> {
  const language = optional(row.value, mapping.languageField, [])
  return {
    id: rowId(row, mapping),
    prompt: questionText(row, mapping.questionField),
    ...(language === undefined ? {} : { language }),
  }
}

export const rowId = ({ place, value }: FileRow, { idField }: FieldMapping = {}): string =>
  optional(value, idField, ID_FIELDS) ?? place.slice(place.lastIndexOf(':') + 1)

/** The reference answer as a text. */
export const referenceAnswer = (row: FileRow, { answerField }: FieldMapping = {}): string =>
  required(row, answerField, ANSWER_FIELDS, 'answer')

/** The answer as the row has it: a number where it is written as one. */
export function answerValue({ value }: FileRow, { answerField }: FieldMapping): unknown {
  return found(value, answerField, ANSWER_FIELDS)
}

/** The question alone, for data whose answer does not matter. `remedy` is for where it is not found. */
export function questionText(row: FileRow, questionField?: string, remedy?: string): string {
  return required(row, questionField, QUESTION_FIELDS, 'question', remedy)
}

/** GSM8K writes a worked solution and then `#### 42`. */
export function finalAnswer(answer: string): string {
  const mark = answer.lastIndexOf('####')
  return mark < 0 ? answer : answer.slice(mark + 4).trim()
}

function required(
  { place, value }: FileRow,
  field: string | undefined,
  usual: string[],
  what: string,
  remedy = `Name the field with --${what}-field, in training with --set ${what}Field=<name>.`,
): string {
  const text = optional(value, field, usual)
  if (text !== undefined) return text
  throw new DataError(`no ${what} in this row; it has ${Object.keys(value).join(', ') || 'no fields'}.`, {
    field: place,
    expected: field === undefined ? `one of ${usual.join(', ')}` : `a text or number in ${field}`,
    remedy,
  })
}

function optional(value: JsonObject, field: string | undefined, usual: string[]): string | undefined {
  return asText(found(value, field, usual))
}

/** The first of the fields that holds a text. */
function found(value: JsonObject, field: string | undefined, usual: string[]): unknown {
  const names = field === undefined ? usual : [field]
  return names.map((name) => reach(value, name)).find((part) => asText(part) !== undefined)
}

function reach(value: JsonObject, name: string): unknown {
  if (name in value) return value[name]
  return name
    .split('.')
    .reduce<unknown>(
      (part, key) => (typeof part === 'object' && part !== null ? (part as JsonObject)[key] : undefined),
      value,
    )
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!Array.isArray(value)) return undefined
  const message = value.findLast((turn: unknown) => (turn as { role?: unknown } | null)?.role === 'user') as
    | { content?: unknown }
    | undefined
  return typeof message?.content === 'string' ? message.content : undefined
}
