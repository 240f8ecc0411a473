/**
 * Progress with the time left: a bar at the bottom of a terminal, a plain line now and then elsewhere, nothing with
 * `--json`. Progress goes to stderr, so that stdout holds results alone.
 */
import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import { formatDuration } from '../measures/format.ts'

export interface Progress {
  /** `done` of the total; `note` stands behind the bar. */
  update(done: number, note?: string): void
  /** Prints a line of output above the bar. */
  line(text: string): void
  /** Takes the bar away. */
  stop(): void
}

export interface ProgressOptions {
  label: string
  total: number
  /** Already done when the clock starts, as in a resumed run. */
  initial?: number
  /** Prints nothing at all, lines neither. */
  silent?: boolean
  /** Seconds between plain lines. */
  interval?: number
  /** For tests. */
  stderr?: NodeJS.WriteStream
  stdout?: NodeJS.WriteStream
  now?: () => number
}

export function startProgress(options: ProgressOptions): Progress {
  if (options.silent) return { update: () => {}, line: () => {}, stop: () => {} }
  const { stderr = process.stderr } = options
  return stderr.isTTY ? bar(options) : plainLines(options)
}

/** Seconds left at the pace so far; undefined before there is a pace. */
export function secondsLeft(
  initial: number,
  done: number,
  total: number,
  seconds: number,
): number | undefined {
  return done > initial ? (seconds / (done - initial)) * (total - done) : undefined
}

function bar({
  label,
  total,
  initial = 0,
  stderr = process.stderr,
  stdout = process.stdout,
  now,
}: ProgressOptions): Progress {
  const clock = startClock(now)
  const bars = new MultiBar(
    {
      stream: stderr,
      format: `${label} {bar} {value}/{total}  {left}  {note}`,
      barsize: 24,
      hideCursor: true,
      linewrap: true,
      clearOnComplete: true,
      gracefulExit: false,
      fps: 10,
    },
    Presets.shades_classic,
  )
  const single: SingleBar = bars.create(total, initial, { left: '', note: '' })
  // The cursor comes back whatever ends the process.
  const stop = () => bars.stop()
  process.once('exit', stop)
  return {
    update(done, note = '') {
      single.update(done, { left: left(secondsLeft(initial, done, total, clock())), note })
    },
    line(text) {
      if (!stdout.isTTY) stdout.write(`${text}\n`)
      else {
        bars.log(`${text}\n`)
        bars.update()
      }
    },
    stop() {
      process.off('exit', stop)
      bars.update()
      stop()
    },
  }
}

function plainLines({
  label,
  total,
  initial = 0,
  interval = 15,
  stderr = process.stderr,
  stdout = process.stdout,
  now,
}: ProgressOptions): Progress {
  const clock = startClock(now)
  let due = interval
  return {
    update(done, note = '') {
      if (clock() < due) return
      due = clock() + interval
      const parts = [`${label} ${done}/${total}`, left(secondsLeft(initial, done, total, clock())), note]
      stderr.write(`${parts.filter((part) => part !== '').join(', ')}\n`)
    },
    line: (text) => stdout.write(`${text}\n`),
    stop: () => {},
  }
}

function left(seconds: number | undefined): string {
  return seconds === undefined ? '' : `${formatDuration(seconds)} left`
}

function startClock(now = () => performance.now() / 1000): () => number {
  const start = now()
  return () => now() - start
}
