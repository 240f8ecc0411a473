/** The bar chart of evaluations: every result beside the paper's models, like the paper's Figure 1. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace-file.ts'
import { PAPER_ROWS, type PaperModel, type PaperRow, paperFigures } from '../evaluation/paper-figures.ts'
import { type EvaluationResult, resultSchema } from '../evaluation/result.ts'
import { type BarSeries, barChartSvg } from './bar-chart.ts'

interface Bar {
  percent: number
  interval: { low: number; high: number } | null
}

/** Draws `figure.svg` and returns its path, or null where no result in the folder has a figure in percent. */
export async function drawFigure(folder: string, compare: readonly PaperModel[]): Promise<string | null> {
  const svg = evaluationFigure(
    readEvaluations(folder).map(({ result }) => result),
    compare,
  )
  if (svg === null) return null
  const path = join(folder, 'figure.svg')
  await replaceFile(path, svg)
  return path
}

/** As SVG; null where no result has a figure in percent. */
export function evaluationFigure(
  results: readonly EvaluationResult[],
  compare: readonly PaperModel[],
): string | null {
  const bars = new Map<string, Map<string, Bar>>()
  for (const result of results) {
    const ofModel = bars.get(result.model) ?? new Map<string, Bar>()
    bars.set(result.model, ofModel)
    for (const [group, bar] of barsOf(result)) ofModel.set(group, bar)
  }
  const groups = [...new Set([...bars.values()].flatMap((ofModel) => [...ofModel.keys()]))].sort(byReport)
  if (groups.length === 0) return null
  const ours = [...bars].map(
    ([name, ofModel]): BarSeries => ({
      name,
      values: groups.map((group) => ofModel.get(group)?.percent ?? null),
      intervals: groups.map((group) => ofModel.get(group)?.interval ?? null),
      highlighted: true,
    }),
  )
  const theirs = compare.map(
    (model): BarSeries => ({
      name: model,
      values: groups.map((group) => paperFigures(group as PaperRow, model).at(-1)?.value ?? null),
    }),
  )
  const known = theirs.filter(({ values }) => values.some((value) => value !== null))
  const others = known.length === 0 ? '' : ' Others: as the paper prints them, its v2 where v1 differs.'
  return barChartSvg({
    title: 'Benchmark performance',
    subtitle: `Hatched: measured here, with 95 % intervals.${others}`,
    yLabel: 'accuracy / percentile (%)',
    groups,
    series: [...ours, ...known],
  })
}

/** A rating has no place among percentages. */
function barsOf(result: EvaluationResult): [string, Bar][] {
  const { pass1 } = result
  const interval = inPercent(result.pass1Interval)
  const rows = result.paper.filter(({ row }) => row !== 'Codeforces rating')
  if (rows.length === 0) return pass1 === null ? [] : [[result.title, { percent: pass1 * 100, interval }]]
  return rows.flatMap(({ row, ours }): [string, Bar][] => {
    if (ours === null) return []
    if (row === 'Codeforces percentile') return [[row, { percent: ours, interval: null }]]
    if (row.endsWith('cons@64')) return [[row, { percent: ours, interval: inPercent(result.consKInterval) }]]
    // F1 and rates of wins are not pass@1, and have no interval.
    return [[row, { percent: ours, interval: pass1 !== null && ours === pass1 * 100 ? interval : null }]]
  })
}

const inPercent = (interval: Bar['interval']): Bar['interval'] =>
  interval && { low: interval.low * 100, high: interval.high * 100 }

/** The results of a folder by their file's name. */
export function readEvaluations(folder: string): { name: string; result: EvaluationResult }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const parsed = resultSchema.safeParse(readJson(join(folder, name)))
      return parsed.success ? [{ name: name.slice(0, -'.json'.length), result: parsed.data }] : []
    })
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

/** The paper's rows in the paper's order, others after them. */
function byReport(a: string, b: string): number {
  const rows: readonly string[] = PAPER_ROWS
  const place = (group: string) => (rows.includes(group) ? rows.indexOf(group) : rows.length)
  return place(a) - place(b)
}
