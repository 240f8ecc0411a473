/** What a curriculum's pool knows, in a file of the checkpoint. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../disk/replace-file.ts'
import { readObject } from '../run/folder.ts'
import type { PoolState } from '../tasks/curriculum.ts'

const FILE = 'curriculum.json'

export const writePool = (folder: string, state: PoolState): Promise<void> =>
  replaceFile(join(folder, FILE), `${JSON.stringify(state)}\n`)

/** Undefined of a checkpoint without one: the pool begins empty. */
export function readPool(folder: string): PoolState | undefined {
  const path = join(folder, FILE)
  return existsSync(path) ? (readObject(path) as unknown as PoolState) : undefined
}
