/**
 * The numbers of a metrics file as columns, read on from where the last look ended. A file of 100,000 steps is not
 * answered whole: a look takes a bounded time, and a window of it is down-sampled to a few hundred points.
 */
import { fileIdentity, readLinesFor } from '../../disk/growing-lines.ts'
import type { SeriesWindow } from './api.ts'

export interface MetricsTable {
  /** Rows read so far. */
  rows: number
  steps: Column
  columns: Map<string, Column>
}

interface Column {
  values: Float64Array
}

/** `steps` are of training, `evaluations` of the lines `{step, evaluation: {…}}`. */
export interface MetricsFile {
  /** Reads on for about so long; the share of the file's bytes that is read, 1 at its end. */
  advance(milliseconds: number): Promise<number>
  /** Changes when there is anything new to see. */
  version(): string
  readonly steps: MetricsTable
  readonly evaluations: MetricsTable
}

export function openMetricsFile(path: string): MetricsFile {
  let steps = emptyTable()
  let evaluations = emptyTable()
  let offset = 0
  let inode = -1
  let generation = 0
  let reading: Promise<number> | undefined

  async function advance(milliseconds: number): Promise<number> {
    const now = fileIdentity(path)
    if (now === undefined || now.inode !== inode || now.size < offset) {
      steps = emptyTable()
      evaluations = emptyTable()
      offset = 0
      inode = now?.inode ?? -1
      generation++
    }
    const look = await readLinesFor(milliseconds, path, offset, add)
    offset = look.offset
    return look.share
  }

  function add(line: Buffer): void {
    const row = parse(line)
    if (row === undefined) return
    const { step, evaluation, ...rest } = row
    if (typeof step !== 'number') return
    if (typeof evaluation === 'object' && evaluation !== null) append(evaluations, step, evaluation)
    else append(steps, step, rest)
  }

  return {
    // One look at a time: two would both read on from the same offset.
    advance: (milliseconds) => (reading ??= advance(milliseconds).finally(() => (reading = undefined))),
    version: () => `${generation}.${steps.rows}.${evaluations.rows}`,
    get steps() {
      return steps
    },
    get evaluations() {
      return evaluations
    },
  }
}

/**
 * The rows with `from <= step <= to` in at most `points` buckets of equal numbers of rows: each with the mean of its
 * finite values and, where a bucket has several rows, their least and greatest. Empty buckets are null.
 */
export function seriesWindow(
  table: MetricsTable,
  { keys, from, to, points }: { keys: readonly string[]; from: number; to: number; points: number },
): SeriesWindow {
  const first = lowerBound(table, from)
  const end = lowerBound(table, to, true)
  const rows = end - first
  const buckets = Math.min(rows, points)
  const edge = (bucket: number) => first + Math.floor((bucket * rows) / buckets)
  const x = Array.from({ length: buckets }, (_, b) =>
    rows === buckets ? table.steps.values[first + b]! : table.steps.values[(edge(b) + edge(b + 1) - 1) >> 1]!,
  )
  const series: SeriesWindow['series'] = {}
  for (const key of keys) {
    const column = table.columns.get(key)
    if (column === undefined) continue
    const all = Array.from({ length: buckets }, (_, b) => bucketOf(column, edge(b), edge(b + 1)))
    series[key] = {
      mean: all.map((bucket) => bucket?.mean ?? null),
      ...(rows > buckets && {
        min: all.map((bucket) => bucket?.min ?? null),
        max: all.map((bucket) => bucket?.max ?? null),
      }),
    }
  }
  return { x, series }
}

function bucketOf({ values }: Column, from: number, end: number) {
  let [sum, count, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = from; i < end; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    sum += value
    count++
    if (value < min) min = value
    if (value > max) max = value
  }
  return count === 0 ? undefined : { mean: short(sum / count), min: short(min), max: short(max) }
}

/** Six digits are more than a screen shows. */
const short = (value: number) => Number(value.toPrecision(6))

/** The first row with a step of at least `step`, or above it. */
function lowerBound({ steps, rows }: MetricsTable, step: number, above = false): number {
  let [low, high] = [0, rows]
  while (low < high) {
    const middle = (low + high) >> 1
    const value = steps.values[middle]!
    if (value < step || (above && value === step)) low = middle + 1
    else high = middle
  }
  return low
}

function emptyTable(): MetricsTable {
  return { rows: 0, steps: { values: new Float64Array(0) }, columns: new Map() }
}

function append(table: MetricsTable, step: number, fields: object): void {
  put(table.steps, table.rows, step)
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value !== 'number') continue
    let column = table.columns.get(key)
    if (column === undefined) {
      column = { values: new Float64Array(0) }
      table.columns.set(key, column)
    }
    put(column, table.rows, value)
  }
  table.rows++
}

/** Rows without a value hold NaN. */
function put(column: Column, row: number, value: number): void {
  if (row >= column.values.length) {
    const grown = new Float64Array(Math.max(256, row * 2)).fill(Number.NaN)
    grown.set(column.values)
    column.values = grown
  }
  column.values[row] = value
}

function parse(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
