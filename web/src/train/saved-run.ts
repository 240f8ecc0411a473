/** What a tab leaves in the browser (IndexedDB), so that a closed one continues where it was. */
import { clear, createStore, entries, setMany, type UseStore } from 'idb-keyval'
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

let opened: UseStore | undefined
const store = (): UseStore => {
  opened ??= createStore('r1-train', 'run')
  return opened
}

/** One transaction: the browser has the whole of a step or nothing of it. `rollouts` are those that are new. */
export async function saveRun({ record, files, rollouts }: SavedRun): Promise<void> {
  await setMany(
    [
      ['record', record],
      ...[...files].map(([path, bytes]): [string, unknown] => [`file:${path}`, bytes]),
      ...[...rollouts].map(([step, lines]): [string, unknown] => [`rollouts:${step}`, lines]),
    ],
    store(),
  )
}

export async function loadRun(): Promise<SavedRun | undefined> {
  const all = new Map(await entries<string, unknown>(store()))
  const record = all.get('record') as RunRecord | undefined
  if (record === undefined) return undefined
  const named = <Value>(kind: string) =>
    [...all].flatMap(([key, value]): [string, Value][] =>
      key.startsWith(`${kind}:`) ? [[key.slice(kind.length + 1), value as Value]] : [],
    )
  const rollouts = named<string>('rollouts').map(([step, lines]): [number, string] => [Number(step), lines])
  return { record, files: new Map(named<Uint8Array<ArrayBuffer>>('file')), rollouts: new Map(rollouts) }
}

export const forgetRun = (): Promise<void> => clear(store())
