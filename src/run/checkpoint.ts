/**
 * A checkpoint is a folder that appears as a whole: it is written under another name, every file is synced, and only
 * then it is renamed to `step-000100`. Its manifest holds sizes and SHA-256 sums, so that a truncated or changed file
 * is found and named when it is loaded, and a JSON state (data position, seeds) that belongs to the weights.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { JsonObject } from '../disk/jsonl.ts'
import { replaceFile, syncFolder } from '../disk/replace-file.ts'
import { CheckpointError } from '../errors.ts'

export interface Checkpoint {
  folder: string
  step: number
  state: JsonObject
}

interface Manifest {
  step: number
  /** How many to keep, this one included; a process killed right after this one may have left more. */
  keep?: number
  state: JsonObject
  files: Record<string, { bytes: number; sha256: string }>
}

export interface CheckpointToSave {
  /** The folder that holds the checkpoints of a run. */
  checkpoints: string
  step: number
  state: JsonObject
  /** Fills the folder it is given. */
  write: (folder: string) => Promise<void>
  /** How many of the newest checkpoints to keep. */
  keep: number
}

const MANIFEST = 'checkpoint.json'
const UNFINISHED = '.writing-'
const REPLACED = '.replaced-'
const BROKEN = 'broken-'

/** Saves, points `latest` at it and removes what is older than the last `keep`. A failure leaves the former ones be. */
export async function saveCheckpoint({
  checkpoints,
  step,
  state,
  write,
  keep,
}: CheckpointToSave): Promise<Checkpoint> {
  const name = stepName(step)
  const folder = join(checkpoints, name)
  const unfinished = join(checkpoints, UNFINISHED + name)
  try {
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    await write(unfinished)
    const manifest: Manifest = { step, keep, state, files: {} }
    for (const path of await filesIn(unfinished)) {
      const { bytes, sha256 } = await syncAndHash(join(unfinished, path))
      manifest.files[path] = { bytes, sha256 }
    }
    await replaceFile(join(unfinished, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    if (existsSync(folder)) await rename(folder, join(checkpoints, REPLACED + name))
    await rename(unfinished, folder)
    await syncFolder(checkpoints)
    await replaceFile(join(checkpoints, 'latest'), `${name}\n`)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    throw unwritable(folder, cause)
  }
  await rm(join(checkpoints, REPLACED + name), { recursive: true, force: true })
  await removeOld(checkpoints, step, keep)
  return { folder, step, state }
}

async function removeOld(checkpoints: string, step: number, keep: number): Promise<void> {
  const old = (await checkpointSteps(checkpoints)).filter((other) => other <= step).slice(Math.max(1, keep))
  for (const other of old) await rm(join(checkpoints, stepName(other)), { recursive: true })
}

/** Checks every file against the manifest; throws a CheckpointError that names the first broken one. */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const { step, state, files } = await readManifest(folder)
  for (const [path, { bytes, sha256 }] of Object.entries(files)) {
    const file = join(folder, path)
    const found = await stat(file).catch(() => undefined)
    if (found === undefined) throw broken(file, 'this file of the checkpoint is missing.')
    if (found.size !== bytes)
      throw broken(
        file,
        `the file is ${found.size < bytes ? 'truncated' : 'too long'}: ${found.size} of ${bytes} bytes.`,
      )
    if ((await hash(file)) !== sha256) throw broken(file, 'the file has changed since it was saved.')
  }
  return { folder, step, state }
}

export interface NewestCheckpoint {
  /** The newest whole one, or undefined where there is none. */
  checkpoint: Checkpoint | undefined
  /** Why newer ones were passed over. */
  skipped: CheckpointError[]
}

export async function newestCheckpoint(checkpoints: string): Promise<NewestCheckpoint> {
  const skipped: CheckpointError[] = []
  for (const step of await checkpointSteps(checkpoints)) {
    try {
      return { checkpoint: await loadCheckpoint(join(checkpoints, stepName(step))), skipped }
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error
      skipped.push(error)
    }
  }
  return { checkpoint: undefined, skipped }
}

/** Puts right what a killed process left behind; to be called by the one process that writes the run. */
export async function mendCheckpoints(checkpoints: string): Promise<void> {
  for (const name of await namesIn(checkpoints)) {
    const path = join(checkpoints, name)
    if (name.startsWith(REPLACED)) {
      const folder = join(checkpoints, name.slice(REPLACED.length))
      if (existsSync(folder)) await rm(path, { recursive: true })
      else await rename(path, folder)
    } else if (name.startsWith('.')) await rm(path, { recursive: true })
  }
}

/**
 * Takes checkpoints after `step` out of the way: whole or not, the run that resumes from `step` makes its own. Removes
 * what a process killed right after `step` had no time to remove.
 */
export async function rewindCheckpoints(checkpoints: string, step: number): Promise<void> {
  for (const later of (await checkpointSteps(checkpoints)).filter((other) => other > step)) {
    const aside = join(checkpoints, BROKEN + stepName(later))
    await rm(aside, { recursive: true, force: true })
    await rename(join(checkpoints, stepName(later)), aside)
  }
  const folder = join(checkpoints, stepName(step))
  if (!existsSync(folder)) return
  const { keep } = await readManifest(folder)
  if (keep !== undefined) await removeOld(checkpoints, step, keep)
}

export function stepName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`
}

/** Newest first. */
export async function checkpointSteps(checkpoints: string): Promise<number[]> {
  const steps = (await namesIn(checkpoints)).flatMap((name) => {
    const match = /^step-(\d{6,})$/.exec(name)
    return match ? [Number(match[1])] : []
  })
  return steps.sort((a, b) => b - a)
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? await readdir(folder) : []
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

async function syncAndHash(file: string): Promise<{ bytes: number; sha256: string }> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
    return { bytes: (await handle.stat()).size, sha256: await hash(file) }
  } finally {
    await handle.close()
  }
}

async function hash(file: string): Promise<string> {
  const sha256 = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), sha256)
  return sha256.digest('hex')
}

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw broken(
      path,
      existsSync(folder) ? 'the checkpoint has no manifest.' : 'there is no such checkpoint.',
      cause,
    )
  }
  try {
    const manifest = JSON.parse(text) as Manifest
    if (!Number.isInteger(manifest.step) || typeof manifest.files !== 'object')
      throw new TypeError('not a manifest')
    return manifest
  } catch (cause) {
    throw broken(path, 'the manifest of the checkpoint cannot be read.', cause)
  }
}

function broken(field: string, message: string, cause?: unknown): CheckpointError {
  return new CheckpointError(message, { field, remedy: 'Use an older checkpoint.', cause })
}

/** A full disk or a missing permission is the user's to mend; every other failure is passed on. */
function unwritable(folder: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ''
  const reasons: Record<string, string> = {
    ENOSPC: 'no space left on the disk',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'the disk is read-only',
    EACCES: 'no permission to write there',
  }
  const reason = reasons[code]
  if (reason === undefined) return cause
  return new CheckpointError(`this checkpoint could not be saved: ${reason}.`, {
    field: folder,
    remedy: 'Older checkpoints are untouched: mend that, then continue with --resume.',
    cause,
  })
}
