/**
 * A user's own file as a benchmark: rows of Countdown ({numbers, target}), of multiple choice ({question, choices or options, answer: letter,
 * text or index}), or of a question and an answer that the mathematics verifier compares.
 */
import { basename } from 'node:path'
import { DataError } from '../../errors.ts'
import { answerValue, toQuestion } from '../../tasks/field-mapping.ts'
import type { FileRow } from '../../tasks/file-rows.ts'
import type { Question } from '../../tasks/task.ts'
import { LETTERS, referenceLetter } from '../../verifiers/choice.ts'
import { type Benchmark, type LoadOptions, paperSettings } from '../benchmark.ts'
import { countdown } from './countdown.ts'
import { mathematics } from './mathematics.ts'
import { mmlu } from './mmlu.ts'
import { letter, multipleChoice, optionLines } from './multiple-choice.ts'

type Kind = 'countdown' | 'choice' | 'mathematics'

export function fileBenchmark(path: string): Benchmark {
  const kindOf = (question: Question) => question.data?.kind as Kind
  const own = { countdown, choice: { ...mmlu, ...multipleChoice }, mathematics }
  return {
    name: basename(path).replace(/\.\w+(\.gz)?$/, ''),
    title: basename(path),
    settings: paperSettings(1),
    data: { file: null, description: 'rows of {question, answer} or {numbers, target}' },
    async load(rows, options) {
      const questions: Question[] = []
      for await (const row of rows) questions.push(await questionOf(row, options))
      return questions
    },
    prompt: (question, form, instruction) => own[kindOf(question)].prompt!(question, form, instruction),
    verify: (question, response) => own[kindOf(question)].verify(question, response),
    equivalent: (a, b, question) => own[kindOf(question)].equivalent!(a, b, question),
  }
}

async function questionOf(row: FileRow, options: LoadOptions): Promise<Question> {
  const { numbers, target } = row.value
  if (Array.isArray(numbers) && typeof target === 'number') {
    const [question] = await countdown.load(only(row), options)
    return { ...question!, id: idOf(row), data: { ...question!.data, kind: 'countdown' } }
  }
  const question = toQuestion(row, options)
  const choices = choicesOf(row)
  if (choices === null) return { ...question, data: { kind: 'mathematics' } }
  return {
    ...question,
    answer: answerLetter(row, question.answer, answerValue(row, options), choices),
    prompt: `${question.prompt}\n\n${optionLines(choices, '.')}`,
    data: { kind: 'choice', choices },
  }
}

/** The options' texts, null where the row has none. */
function choicesOf({ place, value }: FileRow): string[] | null {
  const field = ['choices', 'options'].find((name) => typeof (value[name] ?? undefined) === 'object')
  if (field === undefined) return null
  const listed = value[field]
  if (Array.isArray(listed) && listed.length > LETTERS.length)
    throw new DataError(`${listed.length} options.`, {
      field: `${place}: ${field}`,
      expected: `at most ${LETTERS.length}: answers are read as A to ${LETTERS.at(-1)}`,
    })
  if (Array.isArray(listed) && listed.every((item) => ['string', 'number', 'boolean'].includes(typeof item)))
    return listed.map(String)
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

function idOf({ place, value }: FileRow): string {
  return String(value.id ?? place.slice(place.lastIndexOf(':') + 1))
}

async function* only(row: FileRow): AsyncGenerator<FileRow> {
  yield row
}
