/** A run's metrics for TensorBoard or Weights & Biases, at once or while it trains. */
import { join } from 'node:path'
import { exportRun } from '../report/export/export-run.ts'
import type { CreateSink } from '../report/export/metrics-sink.ts'
import { tensorboardSink } from '../report/export/tensorboard.ts'
import { wandbSink } from '../report/export/wandb.ts'
import { listenForStop } from '../run/stop.ts'
import { printJson, printLine, printNote } from './output.ts'

interface Format {
  createSink: CreateSink
  /** What shows it. */
  next: (file: string, out: string) => string
}

const FORMATS: Record<string, Format> = {
  tensorboard: {
    createSink: tensorboardSink,
    next: (_, out) => `tensorboard --logdir ${out}`,
  },
  wandb: {
    createSink: wandbSink,
    next: (file) => `wandb sync ${join(file, '..')}`,
  },
}

export const METRICS_FORMATS = Object.keys(FORMATS)

export async function exportMetrics(
  run: string,
  format: string,
  { output: out = join(run, format), follow, json }: { output?: string; follow?: boolean; json?: boolean },
): Promise<void> {
  const { createSink, next } = FORMATS[format]!
  const stop = listenForStop('Closing the file.')
  try {
    const result = await exportRun({
      run,
      createSink,
      out,
      ...(follow && { follow: { everySeconds: 2, signal: stop.signal } }),
    })
    if (json) return printJson(result)
    printLine(`${result.steps} steps in ${result.file}`)
    printNote(`Look at it with: ${next(result.file, out)}`)
  } finally {
    stop.close()
  }
}
