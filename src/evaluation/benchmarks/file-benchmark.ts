/**
 * A user's own file as a benchmark: rows of Countdown ({numbers, target}), of multiple choice ({question, choices or options, answer: letter}),
 * or of a question and an answer that the mathematics verifier compares.
 */
import { basename } from 'node:path'
import { toQuestion } from '../../tasks/field-mapping.ts'
import type { FileRow } from '../../tasks/file-rows.ts'
import type { Question } from '../../tasks/task.ts'
import { type Benchmark, type LoadOptions, reportSettings } from '../benchmark.ts'
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
    settings: reportSettings(1),
    data: { file: null, description: 'rows of {question, answer} or {numbers, target}' },
    async load(rows, options) {
      const questions: Question[] = []
      for await (const row of rows) questions.push(await questionOf(row, options))
      return questions
    },
    prompt: (question, form, instruction) => own[kindOf(question)].prompt(question, form, instruction),
    verify: (question, response) => own[kindOf(question)].verify(question, response),
    equivalent: (question) => own[kindOf(question)].equivalent!(question),
  }
}

async function questionOf(row: FileRow, options: LoadOptions): Promise<Question> {
  const { numbers, target, choices, options: listed } = row.value
  if (Array.isArray(numbers) && typeof target === 'number') {
    const [question] = await countdown.load(only(row), options)
    return { ...question!, id: idOf(row), data: { ...question!.data, kind: 'countdown' } }
  }
  const question = toQuestion(row, options)
  const choice = Array.isArray(choices) ? choices : listed
  if (!Array.isArray(choice)) return { ...question, data: { kind: 'mathematics' } }
  const answer = /^\d+$/.test(question.answer) ? letter(Number(question.answer)) : question.answer
  return {
    ...question,
    answer,
    prompt: `${question.prompt}\n\n${optionLines(choice.map(String), '.')}`,
    data: { kind: 'choice', choices: choice.map(String) },
  }
}

function idOf({ place, value }: FileRow): string {
  return String(value.id ?? place.slice(place.lastIndexOf(':') + 1))
}

async function* only(row: FileRow): AsyncGenerator<FileRow> {
  yield row
}
