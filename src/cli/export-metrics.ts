/**
 * A run's metrics for TensorBoard, Weights & Biases or Trackio, at once or while it trains. They are sent where a key
 * (WANDB_API_KEY) or a server (TRACKIO_SERVER_URL) is there, and written to a file otherwise.
 */
import { join } from 'node:path'
import { serviceKey } from '../engine/api-key.ts'
import { checkAddress } from '../engine/check-address.ts'
import { ConfigError } from '../errors.ts'
import { exportRun, sendRun } from '../report/export/export-run.ts'
import type { LiveSink } from '../report/export/live-sink.ts'
import type { CreateSink } from '../report/export/metrics-sink.ts'
import { tensorboardSink } from '../report/export/tensorboard.ts'
import { trackioLive } from '../report/export/trackio-live.ts'
import { wandbSink } from '../report/export/wandb.ts'
import { wandbLive } from '../report/export/wandb-live.ts'
import type { RunInfo } from '../run/folder.ts'
import { listenForStop } from '../run/stop.ts'
import { printJson, printLine, printNote } from './output.ts'

interface Format {
  /** Undefined where there is no file of this format. */
  file?: {
    createSink: CreateSink
    /** What shows it. */
    next: (file: string, out: string) => string
  }
  /** Undefined where nothing says where to send it. */
  live?: (signal: AbortSignal) => CreateLiveSink | undefined
}

type CreateLiveSink = (name: string, info: RunInfo) => LiveSink

const FORMATS: Record<string, Format> = {
  tensorboard: {
    file: { createSink: tensorboardSink, next: (_, out) => `tensorboard --logdir ${out}` },
  },
  wandb: {
    file: { createSink: wandbSink, next: (file) => `wandb sync ${join(file, '..')}` },
    live(signal) {
      const { WANDB_BASE_URL, WANDB_PROJECT, WANDB_ENTITY: entity } = process.env
      const url = WANDB_BASE_URL || 'https://api.wandb.ai'
      const key = serviceKey('wandb', url)
      if (key === undefined) return undefined
      const project = WANDB_PROJECT || 'r1-ts'
      return (name, info) => wandbLive({ name, info, project, signal, url, key, entity: entity || undefined })
    },
  },
  trackio: {
    live(signal) {
      const { TRACKIO_SERVER_URL: url, TRACKIO_PROJECT, HF_TOKEN } = process.env
      if (!url) return undefined
      checkAddress(url, 'TRACKIO_SERVER_URL', 'http://127.0.0.1:7860')
      const project = TRACKIO_PROJECT || 'r1-ts'
      const token = serviceKey('trackio', url)
      // The hub's token is for the hub's own machines.
      const hubToken = new URL(url).hostname.endsWith('.hf.space') ? HF_TOKEN || undefined : undefined
      return (name, info) => trackioLive({ name, info, project, signal, url, token, hubToken })
    },
  },
}

export const METRICS_FORMATS = Object.keys(FORMATS)

export async function exportMetrics(
  run: string,
  format: string,
  { output, follow, json }: { output?: string; follow?: boolean; json?: boolean },
): Promise<void> {
  const { file, live } = FORMATS[format]!
  const stop = listenForStop('Closing.')
  const follows = follow ? { follow: { everySeconds: 2, signal: stop.signal } } : {}
  try {
    // A folder that is named is a wish for a file.
    const createLive = output === undefined ? live?.(new AbortController().signal) : undefined
    if (createLive !== undefined) {
      const sent = await sendRun({ run, createSink: createLive, ...follows })
      if (json) return printJson(sent)
      printLine(sent.url)
      return printNote(`${sent.steps} steps sent.`)
    }
    if (file === undefined)
      throw new ConfigError('nothing says where to send it.', {
        field: 'TRACKIO_SERVER_URL',
        expected: "the address of a Trackio server, such as http://127.0.0.1:7860 or a Space's",
      })
    const out = output ?? join(run, format)
    const result = await exportRun({ run, createSink: file.createSink, out, ...follows })
    if (json) return printJson(result)
    printLine(`${result.steps} steps in ${result.file}`)
    printNote(`Look at it with: ${file.next(result.file, out)}`)
  } finally {
    stop.close()
  }
}
