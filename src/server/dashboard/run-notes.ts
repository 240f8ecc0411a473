/** What people write about a run on the page: a text and tags, in `notes.json` of its folder. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fileWithin } from '../../disk/file-within.ts'
import { replaceFile } from '../../disk/replace-file.ts'
import type { RunNotes } from './api.ts'

const FILE = 'notes.json'

export const runNotes = z.strictObject({
  text: z.string().max(10_000),
  tags: z.array(z.string().trim().min(1).max(40)).max(20),
})

/** Empty where there are none, or none that can be read: they hide no run. */
export function readNotes(folder: string): RunNotes {
  const path = fileWithin(folder, FILE)
  try {
    if (path !== undefined) return runNotes.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // A file that somebody else wrote.
  }
  return { text: '', tags: [] }
}

export async function writeNotes(folder: string, notes: RunNotes): Promise<void> {
  await replaceFile(join(folder, FILE), `${JSON.stringify(notes, null, 2)}\n`)
}
