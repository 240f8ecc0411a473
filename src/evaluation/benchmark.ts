/** What every benchmark of the paper is: questions from a file, a prompt, a verdict, and the paper's settings. */
import type { z } from 'zod'
import { ConfigError, DataError } from '../errors.ts'
import type { Judge } from '../responders/judge.ts'
import type { SamplingSettings } from '../responders/responder.ts'
import type { RowMapping } from '../tasks/file-kinds.ts'
import type { FileRow } from '../tasks/file-rows.ts'
import type { Question, QuestionSet } from '../tasks/task.ts'
import type { PaperRow } from './paper-figures.ts'
import type { EvaluationFigures, GradedQuestion } from './protocol.ts'

export interface BenchmarkSettings extends SamplingSettings {
  /** k responses a question. */
  samples: number
}

/**
 * A question set before its questions are read, with the paper's settings beside it. `name` is what `--benchmark` takes;
 * `prompt` writes the user's message (R1 v2 SJ), for R1-Zero's form the bare question, since its template asks for the tags.
 */
export interface Benchmark extends Omit<QuestionSet, 'questions'> {
  title: string
  settings: BenchmarkSettings
  /** null where the questions are made here and no file is read. */
  data: {
    /** Looked for in the data folder; null where the user must supply the file. */
    file: string | null
    /** Where it is published: a GitHub or Hugging Face repository, and the place in it. */
    from?: string
    /** What the file holds, for the message when there is none. */
    description: string
  } | null
  load(rows: AsyncIterable<FileRow>, options: LoadOptions): Promise<Question[]>
  /** Where the paper has this benchmark, and which of our figures stands beside its own. */
  paper?: {
    row: PaperRow
    figure: (result: { figures: EvaluationFigures; extra: ExtraFigures }) => number | null
  }[]
  /** Figures beyond the protocol's: a rating, instruction-level accuracy. */
  extraFigures?(graded: readonly GradedQuestion[], context: FigureContext): Promise<ExtraFigures>
  /** Where a model judges what no rule can: the verdicts of this judge, in place of `verify`. */
  judged?: (judge: Judge) => Benchmark['verify']
  /** Set where verdicts come from elsewhere: what to run for them. */
  scoredElsewhere?: string
  /** Rows of a file for that other program. */
  predictions?(graded: readonly GradedQuestion[], model: string): Record<string, unknown>[]
}

export interface LoadOptions extends RowMapping {
  seed: number
}

export interface FigureContext {
  questions: readonly Question[]
  seed: number
  /** Rows of another file of the data folder, or null where it is not there. */
  readData(file: string): AsyncIterable<FileRow> | null
}

export interface ExtraFigures {
  /** From 0 to 1. */
  shares?: Record<string, number | null>
  /** Counts and ratings. */
  numbers?: Record<string, number | null>
  /** What a reader must know about these figures. */
  notes?: string[]
}

/** Of a benchmark that a model judges: nothing is right without one. */
export const needsJudge = {
  equivalent: null,
  verify() {
    throw new ConfigError('a model judges this benchmark.', {
      field: '--judge-endpoint',
      remedy: 'Name it with --judge-endpoint and --judge-model.',
    })
  },
} satisfies Partial<Benchmark>

/** The paper's temperature, top-p and length limit (R1 §3) with the benchmark's own k. */
export function paperSettings(samples: number): BenchmarkSettings {
  return { samples, temperature: 0.6, topP: 0.95, maxTokens: 32_768 }
}

/** Reads rows of one shape, in order; a row of another shape is named with file, line and field. */
export async function readAs<T>(rows: AsyncIterable<FileRow>, schema: z.ZodType<T>): Promise<T[]> {
  return await mapRows(rows, ({ place, value }) => parseRow(schema, place, value))
}

export async function mapRows<T>(rows: AsyncIterable<FileRow>, read: (row: FileRow) => T): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(read(row))
  return all
}

export function parseRow<T>(schema: z.ZodType<T>, place: string, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const field = issue.path.join('.')
  throw new DataError(`${field === '' ? '' : `${field}: `}${issue.message}.`, {
    field: place,
    remedy: 'Check that this is the right file for the benchmark.',
  })
}
