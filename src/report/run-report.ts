/**
 * Writes what a run shows of itself into its folder: `report.md`, and under `figures/` the accuracy curve, the
 * length curve and both side by side. Reads files only, so it can be made again at any time.
 */
import { join } from 'node:path'
import { replaceFile } from '../disk/replace-file.ts'
import { formatDuration } from '../measures/format.ts'
import { EVALUATION_KEYS, measuresOf } from '../measures/measures.ts'
import { valueAt } from '../settings/schema.ts'
import { accuracyChart, type CurveOptions, curvesSvg, lengthChart } from './curves.ts'
import { chartsSvg } from './line-chart.ts'
import { type RunSummary, readRunSummary } from './run-summary.ts'
import { type Column, markdownTable, type Stage, stageTable } from './tables.ts'
import { markdownTranscript, type Transcript } from './transcript.ts'

export interface ReportOptions {
  /** Under the charts' titles. */
  subtitle?: string
  transcripts?: readonly Transcript[]
}

export interface WrittenReport {
  summary: RunSummary
  /** Paths of the files written. */
  markdown: string
  curves: string
}

export async function writeRunReport(folder: string, options: ReportOptions = {}): Promise<WrittenReport> {
  const summary = await readRunSummary(folder)
  const curveOptions: CurveOptions = options.subtitle === undefined ? {} : { subtitle: options.subtitle }
  const curves = join(folder, 'figures', 'curves.svg')
  const markdown = join(folder, 'report.md')
  await replaceFile(
    join(folder, 'figures', 'accuracy.svg'),
    chartsSvg([accuracyChart([summary], curveOptions)]),
  )
  await replaceFile(join(folder, 'figures', 'length.svg'), chartsSvg([lengthChart([summary], curveOptions)]))
  await replaceFile(curves, curvesSvg([summary], curveOptions))
  await replaceFile(markdown, reportMarkdown(summary, options.transcripts ?? []))
  return { summary, markdown, curves }
}

export function reportMarkdown(summary: RunSummary, transcripts: readonly Transcript[]): string {
  const { facts, results, course, settings } = reportTables(summary)
  const section = (title: string, { columns, rows }: Table) =>
    rows.length === 0 ? [] : [`## ${title}`, markdownTable(columns, rows)]
  const sections = [
    `# ${summary.info.recipe}`,
    facts.join(', '),
    '![accuracy and response length over steps](figures/curves.svg)',
    ...section('Results', results),
    ...(transcripts.length > 0 ? ['## Before and after', ...transcripts.map(markdownTranscript)] : []),
    ...section('Course', course),
    ...section('Settings that are not the defaults', settings),
  ]
  return `${sections.join('\n\n')}\n`
}

export interface Table {
  columns: readonly Column[]
  rows: readonly string[][]
}

/** What every form of a report says of a run. */
export function reportTables(summary: RunSummary): {
  facts: string[]
  results: Table
  course: Table
  settings: Table
} {
  const { info, status, steps, finished } = summary
  const changed = Object.entries(info.sources)
    .filter(([, source]) => source !== 'default')
    .map(([path, source]) => [path, JSON.stringify(valueAt(info.config, path.split('.'))) ?? '', source])
  return {
    facts: [
      `seed ${info.seed}`,
      `${steps.at(-1)?.step ?? 0} steps`,
      ...(typeof finished?.seconds === 'number' ? [formatDuration(finished.seconds)] : []),
      status,
      `r1-ts ${info.version}`,
      info.created.slice(0, 10),
    ],
    results: resultsTable(summary),
    course: { columns: COURSE_COLUMNS, rows: courseRows(summary) },
    settings: { columns: SETTING_COLUMNS, rows: changed },
  }
}

/** The table that closes a run: each result of `evaluations/` (base, trained, …) in a column. */
export function resultsTable({ results }: RunSummary): ReturnType<typeof stageTable> {
  const stages = Object.entries(results).flatMap(([name, result]): Stage[] =>
    // Names with a dash are of single steps, or of the other decodings, which the results page sets side by side.
    name.includes('-') ? [] : [{ name, results: [result] }],
  )
  const samples = stages[0]?.results[0]?.samples
  return stageTable(stages, measuresOf(EVALUATION_KEYS, typeof samples === 'number' ? samples : undefined))
}

const SETTING_COLUMNS: Column[] = [{ name: 'setting' }, { name: 'value' }, { name: 'from' }]

const COURSE = measuresOf([
  'reward',
  'accuracy',
  'format',
  'meanTokens',
  'kl',
  'entropy',
  'gradientNorm',
  'tokensPerSecond',
])
const COURSE_COLUMNS: Column[] = ['step', ...COURSE.map(({ short, label }) => short ?? label)].map(
  (name) => ({
    name,
    align: 'right',
  }),
)

/** The first step, the last, and about ten between them. */
function courseRows({ steps }: RunSummary): string[][] {
  const stride = Math.max(1, Math.ceil((steps.length - 1) / 11))
  const shown = steps.filter((_, i) => i % stride === 0 || i === steps.length - 1)
  return shown.map((line) => [
    String(line.step),
    ...COURSE.map(({ key, format }) => (line[key] === undefined ? '–' : format(line[key]))),
  ])
}
