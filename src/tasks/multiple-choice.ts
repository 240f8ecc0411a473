/** Multiple choice: how options are listed, asked for and judged. The question's text holds its options; the answer is a letter. */
import { DataError } from '../errors.ts'
import { LETTERS, referenceLetter, verifyChoice } from '../verifiers/choice.ts'
import { answerValue, type FieldMapping, questionOf, referenceAnswer } from './field-mapping.ts'
import type { FileRow } from './file-rows.ts'
import type { Question, QuestionSet } from './task.ts'

export const multipleChoice = {
  verify: ({ answer, data }, response) =>
    verifyChoice(response, answer, { choices: data!.choices as string[] }),
  equivalent: (a, b) => a === b,
} satisfies Partial<QuestionSet>

/** The words of simple-evals, which the paper uses (R1 v2 SJ); R1-Zero's template asks for the tags, so less is said there. */
export const choicePrompt: NonNullable<QuestionSet['prompt']> = ({ prompt, data }, form) => {
  const all = letters(data!.choices as string[])
  return form === 'tags'
    ? `${prompt}\n\nAnswer with one letter of ${all}`
    : `Answer the following multiple choice question. The last line of your response should be of the following format: 'Answer: $LETTER' (without quotes) where LETTER is one of ${all}. Think step by step before answering.\n\n${prompt}`
}

/** `A. first` on a line each, or with another mark behind the letter. */
export function optionLines(options: readonly string[], mark: '.' | ')'): string {
  return options.map((option, i) => `${letter(i)}${mark} ${option}`).join('\n')
}

export function letter(index: number): string {
  return String.fromCharCode(65 + index)
}

/** `ABCD`: the letter of each option. */
export function letters(options: readonly string[]): string {
  return options.map((_, i) => letter(i)).join('')
}

/** `text` holds the options as the model sees them; `choices` are their texts. */
export function choiceQuestion(question: {
  id: string
  text: string
  choices: readonly string[]
  answer: string
  subject?: string
}): Question {
  const { id, text, choices, answer, subject } = question
  return { id, prompt: text, answer, data: { choices, ...(subject === undefined ? {} : { subject }) } }
}

/** Options stand in a list (`choices`, `options`) or in columns `A`, `B`, `C`, …, as C-Eval and CMMLU have them. */
export const hasChoices = ({ value }: FileRow): boolean =>
  listField(value) !== undefined || lettered(value).length > 1

/** A row of `{question, choices or options, answer}`: the answer is a letter, an option's text or its index from 0. */
export function choiceRow(row: FileRow, mapping: FieldMapping): Question {
  const question = questionOf(row, mapping)
  const choices = choicesOf(row)
  return {
    ...question,
    prompt: `${question.prompt}\n\n${optionLines(choices, '.')}`,
    answer: answerLetter(row, referenceAnswer(row, mapping), answerValue(row, mapping), choices),
    data: { choices },
  }
}

const listField = (value: FileRow['value']): string | undefined =>
  ['choices', 'options'].find((name) => typeof (value[name] ?? undefined) === 'object')

/** The texts of the columns `A`, `B`, … up to the first that is missing or empty. */
function lettered(value: FileRow['value']): string[] {
  const end = [...LETTERS].findIndex((name) => isBare(value[name]) === false || value[name] === '')
  return [...LETTERS].slice(0, end < 0 ? LETTERS.length : end).map((name) => String(value[name]))
}

const isBare = (item: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof item)

function choicesOf({ place, value }: FileRow): string[] {
  const field = listField(value)
  if (field === undefined) {
    const columns = lettered(value)
    if (columns.length > 1) return columns
    throw new DataError('no options in this row.', {
      field: place,
      expected: 'a list `choices` or `options`, or columns `A`, `B`, …',
    })
  }
  const listed = value[field]
  if (Array.isArray(listed) && listed.length > LETTERS.length)
    throw new DataError(`${listed.length} options.`, {
      field: `${place}: ${field}`,
      expected: `at most ${LETTERS.length}: answers are read as A to ${LETTERS.at(-1)}`,
    })
  if (Array.isArray(listed) && listed.every(isBare)) return listed.map(String)
  throw new DataError('not a list of options.', {
    field: `${place}: ${field}`,
    value: listed,
    expected: 'a list of texts or numbers',
    remedy: 'Write the texts alone as a list, and the answer as the letter of its place.',
  })
}

/** Options are often numbers: a number written as text is an option before it is an index, one written as a number an index. */
function answerLetter(
  { place }: FileRow,
  answer: string,
  value: unknown,
  choices: readonly string[],
): string {
  const stated = typeof value === 'number' ? null : referenceLetter(answer, { choices })
  if (stated !== null) return stated
  if (/^\d+$/.test(answer) && Number(answer) < choices.length) return letter(Number(answer))
  throw new DataError(`none of the ${choices.length} options is ${JSON.stringify(value)}.`, {
    field: place,
    expected: "a letter, an option's text, or its index from 0",
    remedy: 'Mend the row, or name another field with --answer-field.',
  })
}
