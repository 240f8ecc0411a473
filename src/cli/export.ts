/** `r1 export <run> <format>`: a run's metrics for TensorBoard or Weights & Biases, at once or while it trains. */
import { join } from 'node:path'
import { Argument, Command } from 'commander'
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

export function exportCommand(): Command {
  return new Command('export')
    .description(
      `Write a run's metrics as a TensorBoard event file, or as an offline run that Weights & Biases' own client
uploads. Training needs neither and is not slowed down; nothing is sent anywhere.`,
    )
    .argument('<run>', "the run's folder")
    .addArgument(new Argument('<format>').choices(Object.keys(FORMATS)))
    .option('--out <folder>', 'where to (default: a folder of that name in the run)')
    .option('--follow', 'go on while the run trains')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  r1 export runs/two tensorboard && tensorboard --logdir runs
  r1 export runs/two tensorboard --follow
  r1 export runs/two wandb`,
    )
    .action(runExport)
}

async function runExport(
  run: string,
  format: string,
  { out = join(run, format), follow, json }: { out?: string; follow?: boolean; json?: boolean },
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
