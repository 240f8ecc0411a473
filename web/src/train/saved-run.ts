/** What a tab leaves in the browser (IndexedDB), so that a closed one continues where it was. */
import { clear, createStore, entries, promisifyRequest, type UseStore } from 'idb-keyval'
import type { FileMap } from './memory-files.ts'
import type { Measured, StepFigures, TabGroup } from './messages.ts'
import type { TabSettings } from './settings.ts'

export interface RunRecord {
  created: string
  step: number
  settings: TabSettings
  /** Of one's own reward. */
  reward: string | undefined
  steps: StepFigures[]
  measured: Measured[]
  group: TabGroup | undefined
}

export interface SavedRun {
  record: RunRecord
  /** Weights and AdamW's state, in the folder `checkpoint`. */
  files: FileMap
  /** Lines of `rollouts/<step>.jsonl`, by step. */
  rollouts: Map<number, string>
}

/** Characters: a run of the default settings has half of it. */
const MOST_ROLLOUTS = 100e6

/** Forgets the rollouts of the first steps where all would be too many for a browser to keep. */
export function dropOldest(rollouts: Map<number, string>, most = MOST_ROLLOUTS): void {
  let size = lengths(rollouts)
  for (const [step, lines] of rollouts) {
    if (size <= most) return
    rollouts.delete(step)
    size -= lines.length
  }
}

/** Bytes, near enough: what is no ASCII has more of them than characters. */
export const savedBytes = ({ files, rollouts }: SavedRun): number => lengths(files) + lengths(rollouts)

const lengths = (parts: ReadonlyMap<unknown, { length: number }>): number =>
  [...parts.values()].reduce((sum, { length }) => sum + length, 0)

let opened: UseStore | undefined
const store = (): UseStore => {
  opened ??= createStore('r1-train', 'run')
  return opened
}

/** One transaction: the browser has the whole of a step or nothing of it. Rollouts that it has already are not written again. */
export async function saveRun({ record, files, rollouts }: SavedRun): Promise<void> {
  const lines = new Map(
    [...rollouts].map(([step, rows]): [IDBValidKey, string] => [`rollouts:${step}`, rows]),
  )
  await store()('readwrite', async (place) => {
    const known = await promisifyRequest<IDBValidKey[]>(place.getAllKeys())
    place.put(record, 'record')
    for (const [path, bytes] of files) place.put(bytes, `file:${path}`)
    for (const key of known) if (String(key).startsWith('rollouts:') && !lines.delete(key)) place.delete(key)
    for (const [key, rows] of lines) place.put(rows, key)
    await promisifyRequest(place.transaction)
  })
}

export async function loadRun(): Promise<SavedRun | undefined> {
  const all = new Map(await entries<string, unknown>(store()))
  const record = all.get('record') as RunRecord | undefined
  if (record === undefined) return undefined
  const named = <Value>(kind: string) =>
    [...all].flatMap(([key, value]): [string, Value][] =>
      key.startsWith(`${kind}:`) ? [[key.slice(kind.length + 1), value as Value]] : [],
    )
  const rollouts = named<string>('rollouts')
    .map(([step, lines]): [number, string] => [Number(step), lines])
    .sort(([a], [b]) => a - b)
  return { record, files: new Map(named<Uint8Array<ArrayBuffer>>('file')), rollouts: new Map(rollouts) }
}

export const forgetRun = (): Promise<void> => clear(store())
