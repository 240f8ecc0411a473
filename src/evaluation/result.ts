/** What an evaluation leaves on disk: one JSON object, and the same as Markdown beside the paper's figures. */
import { z } from 'zod'
import { percent } from '../measures/format.ts'
import { measureOf } from '../measures/measures.ts'
import type { Benchmark, BenchmarkSettings, ExtraFigures } from './benchmark.ts'
import type { Evaluation } from './evaluate.ts'
import { type PaperModel, type PaperRow, paperFigures } from './paper-figures.ts'

const interval = z.object({ low: z.number(), high: z.number() })

export const resultSchema = z.object({
  benchmark: z.string(),
  title: z.string(),
  model: z.string(),
  /** Problems with at least one response. */
  n: z.number(),
  samples: z.number(),
  /** null where another program scores the answers. */
  pass1: z.number().nullable(),
  pass1Interval: interval.nullable(),
  passK: z.number().nullable(),
  passKInterval: interval.nullable(),
  passAt: z.record(z.string(), z.number()).nullable(),
  consK: z.number().nullable(),
  consKInterval: interval.nullable(),
  meanTokens: z.number().nullable(),
  meanThinkingTokens: z.number().nullable(),
  reflectionWords: z.number().nullable(),
  formatShare: z.number().nullable(),
  truncatedShare: z.number().nullable(),
  answeredShare: z.number().nullable(),
  /** Older files do not have it. */
  mixedLanguageShare: z.number().nullable().default(null),
  /** The benchmark's own figures. */
  extra: z.object({
    shares: z.record(z.string(), z.number().nullable()).optional(),
    numbers: z.record(z.string(), z.number().nullable()).optional(),
    notes: z.array(z.string()).optional(),
  }),
  responses: z.number(),
  /** Requests that failed for good; the figures are without them. */
  failed: z.number(),
  cached: z.number(),
  settings: z.object({
    samples: z.number(),
    temperature: z.number(),
    topP: z.number(),
    maxTokens: z.number(),
    seed: z.number(),
    limit: z.number().nullable(),
  }),
  /** The responses' file in the folder `responses`. */
  responsesFile: z.string().optional(),
  /** Why the first of them failed. */
  firstFailure: z.string().nullable(),
  /** The paper's rows for this benchmark with the figure of ours that stands beside them. */
  paper: z.array(z.object({ row: z.string(), ours: z.number().nullable() })),
})

export type EvaluationResult = z.infer<typeof resultSchema>

export function evaluationResult(
  benchmark: Benchmark,
  model: string,
  evaluation: Evaluation & { extra: ExtraFigures },
  settings: BenchmarkSettings & { seed: number; limit: number | null },
): EvaluationResult {
  const { figures, extra, graded, failures, cached } = evaluation
  const empty = figures.n === 0
  const scored = !empty && benchmark.scoredElsewhere === undefined
  const { pass1, pass1Interval, passK, passKInterval, passAt, consK, consKInterval } = figures
  const paper = (benchmark.paper ?? []).map(({ row, figure }) => ({
    row,
    ours: scored ? figure({ figures, extra }) : null,
  }))
  return {
    benchmark: benchmark.name,
    title: benchmark.title,
    model,
    n: figures.n,
    samples: figures.samples,
    pass1: scored ? pass1 : null,
    pass1Interval: scored ? pass1Interval : null,
    passK: scored ? passK : null,
    passKInterval: scored ? passKInterval : null,
    passAt: scored ? passAt : null,
    consK: scored ? consK : null,
    consKInterval: scored ? consKInterval : null,
    meanTokens: empty ? null : figures.meanTokens,
    meanThinkingTokens: figures.meanThinkingTokens,
    reflectionWords: empty ? null : figures.reflectionWords,
    formatShare: empty ? null : figures.formatShare,
    truncatedShare: empty ? null : figures.truncatedShare,
    answeredShare: empty ? null : figures.answeredShare,
    mixedLanguageShare: empty ? null : figures.mixedLanguageShare,
    extra,
    responses: graded.reduce((sum, { samples }) => sum + samples.length, 0),
    failed: failures.length,
    firstFailure: failures[0]?.error ?? null,
    cached,
    settings,
    paper,
  }
}

/** Our figures with their intervals, and the paper's rows with this model in the first column. */
export function resultMarkdown(result: EvaluationResult, models: readonly PaperModel[]): string {
  const { settings } = result
  return [
    `# ${result.title}: ${result.model}`,
    '',
    `${result.n} problems, ${result.samples} ${result.samples === 1 ? 'response' : 'responses'} each, temperature ${settings.temperature}, top-p ${settings.topP}, at most ${settings.maxTokens} tokens, seed ${settings.seed}.`,
    ...(result.failed === 0
      ? []
      : ['', `${result.failed} responses could not be had; the figures are without them.`]),
    '',
    '| figure | value | 95 % interval |',
    '|---|---:|---:|',
    ...figureRows(result).map(([name, value, range]) => `| ${name} | ${value} | ${range} |`),
    ...(result.extra.notes ?? []).flatMap((note) => ['', note]),
    ...result.paper.flatMap(({ row, ours }) => comparison(row as PaperRow, ours, models)),
    '',
  ].join('\n')
}

/** In the order of the table; the first three have intervals. */
const SHOWN = [
  'pass1',
  'passK',
  'consK',
  'meanTokens',
  'meanThinkingTokens',
  'reflectionWords',
  'formatShare',
  'mixedLanguageShare',
  'truncatedShare',
  'answeredShare',
] as const

type FigureRow = [string, string | null, string]

/** Name, value and interval of each figure there is, for people. */
export function figureRows(result: EvaluationResult): [string, string, string][] {
  const { samples: k, pass1Interval: pass1, passKInterval: passK, consKInterval: consK } = result
  const intervals: Partial<Record<string, EvaluationResult['pass1Interval']>> = { pass1, passK, consK }
  const shown = SHOWN.filter((key) => k > 1 || (key !== 'passK' && key !== 'consK'))
  const rows: FigureRow[] = [
    ...shown.map((key): FigureRow => {
      const { label, format } = measureOf(key, k)
      const value = result[key]
      return [label, value === null ? null : format(value), range(intervals[key] ?? null)]
    }),
    ...Object.entries(result.extra.shares ?? {}).map(
      ([name, share]): FigureRow => [words(name), share === null ? null : percent(share), ''],
    ),
    ...Object.entries(result.extra.numbers ?? {}).map(
      ([name, value]): FigureRow => [words(name), value === null ? null : String(value), ''],
    ),
  ]
  return rows.filter((row): row is [string, string, string] => row[1] !== null)
}

/** Our figure and the paper's, side by side, each with the version of the paper that prints it; models without a figure in this row are left out. */
export function paperColumns(
  row: PaperRow,
  ours: number | null,
  models: readonly PaperModel[],
): [string, string][] {
  const theirs = models.flatMap((model) =>
    paperFigures(row, model).map(({ value, version }): [string, string] => [
      `${model} (${version})`,
      printed(row, value),
    ]),
  )
  return [['this model', ours === null ? '–' : printed(row, ours)], ...theirs]
}

function comparison(row: PaperRow, ours: number | null, models: readonly PaperModel[]): string[] {
  const columns = paperColumns(row, ours, models)
  return [
    '',
    `## ${row}, beside the paper`,
    '',
    `| ${columns.map(([name]) => name).join(' | ')} |`,
    `|${columns.map(() => '---:').join('|')}|`,
    `| ${columns.map(([, value]) => value).join(' | ')} |`,
  ]
}

function printed(row: PaperRow, figure: number): string {
  return row === 'Codeforces rating' ? String(Math.round(figure)) : figure.toFixed(1)
}

function range(interval: { low: number; high: number } | null): string {
  return interval === null ? '' : `${(interval.low * 100).toFixed(1)} to ${(interval.high * 100).toFixed(1)}`
}

function words(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}
