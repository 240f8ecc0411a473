/** `r1 watch <run>`: a run's curves in the terminal, while it trains. */
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { formatDuration } from '../measures/format.ts'
import { measureOf, STEP_SECONDS } from '../measures/measures.ts'
import { sparkline } from '../report/sparkline.ts'
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
    .option('--once', 'draw once and end, for scripts; so does output that is no terminal')
    .option('--interval <seconds>', 'between drawings', positiveNumber, 2)
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
      const width = Math.max(10, Math.min(100, columns - 59))
      const all = [
        headline(folder, info, status, metrics.steps, timing.steps),
        ...curves(metrics.steps, '', width),
        ...curves(metrics.evaluations, 'held-out ', width),
        ...curves(timing.steps, '', width),
      ]
      // What has scrolled away cannot be drawn over.
      const lines = live ? all.slice(0, rows - 1) : all
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

/** One line a metric: its name, its curve, its last value and its range. */
function curves(table: MetricsTable, group: string, width: number): string[] {
  const keys = [...table.columns.keys()]
  const whole = { keys, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, points: width }
  return Object.entries(seriesWindow(table, whole).series).map(([key, { mean }]) => {
    const known = mean.filter((value) => value !== null)
    const { label, format } = measureOf(key)
    const range = `${format(Math.min(...known))} … ${format(Math.max(...known))}`
    const name = `${group}${label}`.slice(0, 24).padEnd(24)
    return `${name} ${sparkline(mean).padEnd(width)} ${format(known.at(-1) ?? Number.NaN).padStart(9)}  ${range}`
  })
}
