/**
 * A run's metrics into a sink, whole or while it trains. Metrics carry no clock: a step's time is the run's start and
 * the seconds of all steps up to it, without pauses.
 */
import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileIdentity, readLinesFrom } from '../../disk/growing-lines.ts'
import { replaceFile } from '../../disk/replace-file.ts'
import { METRICS, type RunInfo, readRunInfo, runStatus, TIMING } from '../../run/folder.ts'
import type { LiveSink } from './live-sink.ts'
import type { CreateSink, MetricsRow } from './metrics-sink.ts'

export interface ExportOptions {
  run: string
  createSink: CreateSink
  /** The sink's file goes there. */
  out: string
  /** Runs until the run has ended, or the signal aborts. */
  follow?: { everySeconds: number; signal: AbortSignal; onSteps?: (steps: number) => void }
}

export interface ExportResult {
  file: string
  steps: number
}

export async function exportRun({ run, createSink, out, follow }: ExportOptions): Promise<ExportResult> {
  const info = readRunInfo(run)
  const sink = createSink(basename(resolve(run)), info)
  const file = join(out, sink.path)
  const started = Date.parse(info.created) / 1000
  for (;;) {
    const source = rowsOf(run, started)
    let steps = 0
    const encode = (rows: readonly MetricsRow[]) => {
      steps += rows.length
      return Buffer.concat(rows.map(sink.row))
    }
    const running = () => follow !== undefined && runStatus(run) === 'running' && !follow.signal.aborted
    if (!running()) {
      const rows = [...(await source.read())!, ...source.rest()]
      await replaceFile(file, Buffer.concat([sink.start(), encode(rows), sink.end()]))
      return { file, steps }
    }
    // A log that others read while it grows.
    mkdirSync(dirname(file), { recursive: true })
    const log = createWriteStream(file)
    log.write(sink.start())
    while (running()) {
      const rows = await source.read()
      // The run went back to a checkpoint: what was told of later steps is no longer true.
      if (rows === undefined) break
      if (rows.length > 0) log.write(encode(rows))
      follow!.onSteps?.(steps)
      await sleep(follow!.everySeconds * 1000, undefined, { signal: follow!.signal }).catch(() => {})
    }
    await new Promise((closed) => log.end(closed))
  }
}

/**
 * The same over the network. A run that goes back to a checkpoint has told of later steps already: they are not told twice.
 */
export async function sendRun({
  run,
  createSink,
  follow,
}: {
  run: string
  createSink: (name: string, info: RunInfo) => LiveSink
  follow?: ExportOptions['follow']
}): Promise<{ url: string; steps: number }> {
  const info = readRunInfo(run)
  const sink = createSink(basename(resolve(run)), info)
  const url = await sink.open()
  const started = Date.parse(info.created) / 1000
  let source = rowsOf(run, started)
  let sent = -1
  let steps = 0
  const send = async (rows: readonly MetricsRow[]) => {
    const fresh = rows.filter(({ step }) => step > sent)
    if (fresh.length === 0) return
    await sink.send(fresh)
    sent = fresh.at(-1)!.step
    steps += fresh.length
  }
  const running = () => follow !== undefined && runStatus(run) === 'running' && !follow.signal.aborted
  for (;;) {
    const last = !running()
    const rows = await source.read()
    if (rows === undefined) {
      source = rowsOf(run, started)
      continue
    }
    await send(rows)
    if (last) break
    await sleep(follow!.everySeconds * 1000, undefined, { signal: follow!.signal }).catch(() => {})
  }
  await send(source.rest())
  await sink.close(runStatus(run))
  return { url, steps }
}

interface RowSource {
  /** Rows that are whole, since the last time; undefined once the file was cut or replaced. */
  read(): Promise<MetricsRow[] | undefined>
  /** The last step, whose evaluation might still have come. */
  rest(): MetricsRow[]
}

interface Step {
  step: number
  values: Record<string, number>
}

function rowsOf(run: string, started: number): RowSource {
  const timings = new Map<number, Record<string, number>>()
  let seconds = 0
  let closed: Step[] = []
  let open: Step | undefined

  const timing = growing(join(run, TIMING), ({ step, ...rest }) => {
    timings.set(step as number, named('timing', rest))
  })
  const metrics = growing(join(run, METRICS), ({ step, evaluation, ...rest }) => {
    if (open !== undefined && open.step !== step) {
      closed.push(open)
      open = undefined
    }
    open ??= { step: step as number, values: {} }
    const isEvaluation = typeof evaluation === 'object' && evaluation !== null
    Object.assign(open.values, isEvaluation ? named('evaluation', evaluation) : named('train', rest))
  })

  function timed({ step, values }: Step): MetricsRow {
    const time = timings.get(step) ?? {}
    timings.delete(step)
    for (const [name, value] of Object.entries(time)) if (name.endsWith('Seconds')) seconds += value
    return { step, time: started + seconds, values: { ...values, ...time } }
  }

  return {
    async read() {
      // Timings second: a step's is written before the metrics of the next step, which close it.
      if (!((await metrics()) && (await timing()))) return undefined
      const rows = closed.map(timed)
      closed = []
      return rows
    },
    rest: () => (open === undefined ? [] : [timed(open)]),
  }
}

/** Visits what has come since the last call; false once the file is another one or shorter. */
function growing(path: string, visit: (row: Record<string, unknown>) => void): () => Promise<boolean> {
  let offset = 0
  let inode: number | undefined
  return async () => {
    if (!existsSync(path)) return offset === 0
    const now = fileIdentity(path)!
    inode ??= now.inode
    if (now.inode !== inode || now.size < offset) return false
    offset = await readLinesFrom(path, offset, (line) => {
      const row = JSON.parse(line.toString('utf8')) as Record<string, unknown>
      if (typeof row.step === 'number') visit(row)
    })
    return true
  }
}

function named(group: string, fields: object): Record<string, number> {
  const numbers = Object.entries(fields).filter(([, value]) => typeof value === 'number')
  return Object.fromEntries(numbers.map(([key, value]) => [`${group}/${key}`, value as number]))
}
