/** What a stage has sampled so far, a line a batch: a kill or Ctrl-C costs one batch. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type JsonObject, openJsonlAppender, readJsonlFile } from '../disk/jsonl.ts'
import { startClock } from '../run/clock.ts'

export interface SampledBatches<T> {
  /** Of all batches, those of former sessions too. */
  items: readonly T[]
  add(batch: readonly T[]): void
  /** That the stage took so far, former sessions included. */
  seconds(): number
  close(): void
}

interface Line<T> extends JsonObject {
  items: T[]
  seconds: number
}

export async function openSampledBatches<T>(folder: string): Promise<SampledBatches<T>> {
  const path = join(folder, 'sampled.jsonl')
  const known = existsSync(path) ? await readJsonlFile(path, { skipTornLastLine: true }) : []
  const lines = known as Line<T>[]
  const items = lines.flatMap((line) => line.items)
  const seconds = startClock({ state: { seconds: lines.at(-1)?.seconds ?? 0 } })
  const appender = openJsonlAppender(path)
  return {
    items,
    add(batch) {
      appender.append({ items: batch, seconds: seconds() })
      items.push(...batch)
    },
    seconds,
    close: appender.close,
  }
}
