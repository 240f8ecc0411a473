/**
 * `metrics.jsonl`: one line a step, and one for each evaluation `{step, evaluation: {…}}`, in order of their steps.
 * All lines of a step are to be written before its checkpoint: a resumed run cuts every line after the checkpoint's
 * step, and its file then equals that of a run never interrupted.
 */
import { existsSync } from 'node:fs'
import { type JsonObject, openJsonlAppender, readJsonl, writeJsonl } from '../disk/jsonl.ts'
import { DataError } from '../errors.ts'

export interface MetricsLine extends JsonObject {
  step: number
}

/** The numbers of one line. */
export interface StepNumbers {
  step: number
  [name: string]: number
}

export function numbersOf(step: number, fields: object): StepNumbers {
  const entries = Object.entries(fields).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  )
  return { ...Object.fromEntries(entries), step }
}

export interface MetricsLog {
  append(line: MetricsLine): void
  /** Makes all lines so far survive a power cut. Lines survive the death of the process without it. */
  sync(): void
  close(): void
}

/** Mends a torn last line. */
export const openMetrics = (path: string): MetricsLog => openJsonlAppender(path)

/** The lines with `from <= step <= to`, streamed; a missing file has none. A torn last line is passed over. */
export async function* readMetrics(
  path: string,
  { from = -Infinity, to = Infinity }: { from?: number; to?: number } = {},
): AsyncGenerator<MetricsLine> {
  if (!existsSync(path)) return
  for await (const { line, value } of readJsonl(path, { skipTornLastLine: true })) {
    const { step } = value
    if (typeof step !== 'number')
      throw new DataError('this line has no step.', { field: `${path}:${line}`, expected: 'a number "step"' })
    if (step >= from && step <= to) yield { ...value, step }
  }
}

/** Cuts all lines of later steps; the file is replaced as a whole. To be called before `openMetrics`. */
export async function rewindMetrics(path: string, step: number): Promise<void> {
  if (existsSync(path)) await writeJsonl(path, readMetrics(path, { to: step }))
}
