/** Where a run's metrics can go besides its own folder: a format is what it writes at the start, a step and the end. */
import type { RunInfo } from '../../run/folder.ts'

export interface MetricsSink {
  /** Of the one file that is written, inside the output folder. */
  path: string
  start(): Buffer
  /** Steps rise. */
  row(row: MetricsRow): Buffer
  /** After the last step of a run that has ended. */
  end(): Buffer
}

export interface MetricsRow {
  step: number
  /** Unix time in seconds. */
  time: number
  /** By name, as in `train/reward`, `evaluation/pass1` and `timing/trainSeconds`. */
  values: Record<string, number>
}

export type CreateSink = (name: string, info: RunInfo) => MetricsSink
