/** `r1 watch <run>`: a run's curves in the terminal, while it trains. */
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { formatDuration } from '../measures/format.ts'
import { measureOf, STEP_SECONDS } from '../measures/measures.ts'
import { sparkline } from '../report/sparkline.ts'
import { clipText } from '../report/wrap.ts'
import { METRICS, type RunInfo, type RunStatus, readRunInfo, runStatus, TIMING } from '../run/folder.ts'
import { listenForStop } from '../run/stop.ts'
import { type MetricsTable, openMetricsFile, seriesWindow } from '../server/dashboard/metrics-table.ts'
import { plannedSteps } from '../server/dashboard/run-rows.ts'
import { visible } from '../text/visible.ts'
import { positiveNumber } from './config-flags.ts'
import { secondsLeft } from './progress.ts'

interface WatchFlags {
  once?: boolean
  interval: number
}

export function watchCommand(): Command {
  return new Command('watch')
    .description("Draw a run's curves in the terminal until it ends. Each line spans the whole run so far.")
    .argument('<run>', "the run's folder")
    .option('--once', 'draw once and exit; the default when the output is not a terminal')
    .option('--interval <seconds>', 'seconds between drawings', positiveNumber, 2)
    .addHelpText('after', '\nExamples:\n  r1 watch runs/two\n  r1 watch runs/two --once')
    .action((folder: string, flags: WatchFlags) => watch(folder, flags, process.stdout))
}

/** Until the run ends; once where the output is no terminal. */
export async function watch(
  folder: string,
  { once = false, interval }: WatchFlags,
  output: NodeJS.WriteStream,
): Promise<void> {
  const info = readRunInfo(folder)
  const metrics = openMetricsFile(join(folder, METRICS))
  const timing = openMetricsFile(join(folder, TIMING))
  const live = !once && output.isTTY
  const stop = live ? listenForStop('') : undefined
  let drawn = 0
  try {
    for (;;) {
      // Before the last look at the files, so that nothing is missed at the end.
      const status = runStatus(folder)
      for (const file of [metrics, timing]) await file.advance(live ? 500 : Number.POSITIVE_INFINITY)
      const { columns = 80, rows = 24 } = output
      const tables = [
        { table: metrics.steps, group: '' },
        { table: metrics.evaluations, group: 'held-out ' },
        { table: timing.steps, group: '' },
      ]
      const { varying, constant } = drawnCurves(tables, columns)
      const top = headline(folder, info, status, metrics.steps, timing.steps)
      // What has scrolled away cannot be drawn over; the least telling curves are last.
      const room = live ? rows - 1 - 1 - constant.length : varying.length
      const lines = [clipText(top, columns), ...varying.slice(0, Math.max(1, room)), ...constant]
      // Over the last drawing, line by line, so that nothing flickers.
      if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[J`)
      output.write(`${visible(lines.join('\n'))}\n`)
      drawn = lines.length
      if (!live || status !== 'running' || stop?.signal.aborted) return
      await sleep(interval * 1000, undefined, { signal: stop!.signal }).catch(() => {})
      if (stop!.signal.aborted) return
    }
  } finally {
    stop?.close()
  }
}

function headline(
  folder: string,
  { recipe, config }: RunInfo,
  status: RunStatus,
  steps: MetricsTable,
  timing: MetricsTable,
): string {
  const last = steps.rows === 0 ? 0 : steps.steps.values[steps.rows - 1]!
  const total = plannedSteps(config)
  const seconds = spent(timing)
  const left =
    status === 'running' && total !== null && seconds > 0 ? secondsLeft(0, last, total, seconds) : undefined
  return [
    basename(folder),
    recipe,
    status,
    `step ${last}${total === null ? '' : `/${total}`}`,
    ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
  ].join('  ')
}

/** Seconds in all steps. */
function spent({ columns, rows }: MetricsTable): number {
  const seconds = STEP_SECONDS.flatMap((name) => columns.get(name) ?? [])
  return seconds.reduce((sum, { values }) => {
    for (let row = 0; row < rows; row++) sum += Number.isFinite(values[row]) ? values[row]! : 0
    return sum
  }, 0)
}

interface Curve {
  key: string
  name: string
  values: readonly (number | null)[]
  format: (value: number) => string
}

/** What is looked at first; other figures follow in the order of the run's file. */
const TELLING = ['accuracy', 'pass1', 'reward', 'meanTokens', 'format', 'kl', 'entropy', 'tokensPerSecond']
/** How a figure was measured: the same for the whole run. */
const FIXED = new Set(['n', 'samples'])
/** A value that so many steps share is a constant of the run. */
const CONSTANT_AFTER = 3

/** One line a figure: its name, its curve, its last value and, where there is room, its range. Constants share the last line. */
function drawnCurves(
  tables: readonly { table: MetricsTable; group: string }[],
  columns: number,
): { varying: string[]; constant: string[] } {
  const width = Math.max(10, Math.min(100, columns - (columns < WITH_RANGE ? 36 : 59)))
  const place = ({ key }: Curve) => (TELLING.includes(key) ? TELLING.indexOf(key) : TELLING.length)
  const all = tables
    .flatMap(({ table, group }) => curves(table, group, width))
    .sort((a, b) => place(a) - place(b))
  const known = ({ values }: Curve) => values.filter((value) => value !== null)
  const isConstant = (curve: Curve) =>
    (FIXED.has(curve.key) || known(curve).length >= CONSTANT_AFTER) &&
    new Set(known(curve).map(curve.format)).size === 1
  const line = (curve: Curve) => {
    const { name, values, format } = curve
    const numbers = known(curve)
    const range =
      columns < WITH_RANGE ? '' : `  ${format(Math.min(...numbers))} … ${format(Math.max(...numbers))}`
    return `${clipText(name, 24).padEnd(24)} ${sparkline(values).padEnd(width)} ${format(numbers.at(-1) ?? Number.NaN).padStart(9)}${range}`
  }
  const constants = all.filter(isConstant).map((curve) => `${curve.name} ${curve.format(known(curve)[0]!)}`)
  return {
    varying: all.filter((curve) => !isConstant(curve)).map(line),
    constant: constants.length === 0 ? [] : [clipText(`constant: ${constants.join(', ')}`, columns)],
  }
}

/** Columns from which a curve's range has room. */
const WITH_RANGE = 80

function curves(table: MetricsTable, group: string, width: number): Curve[] {
  const keys = [...table.columns.keys()]
  const whole = { keys, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, points: width }
  return Object.entries(seriesWindow(table, whole).series).map(([key, { mean }]) => {
    const { label, format } = measureOf(key)
    return { key, name: `${group}${label}`, values: mean, format }
  })
}
