/**
 * Replaces a file as a whole: the new contents are written beside it, synced and renamed, and then the folder is
 * synced, so that a reader or a power cut sees the old file or the new one and never half of either.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ConfigError } from '../errors.ts'

export type WriteChunk = (chunk: string | Uint8Array) => Promise<void>

/** `contents` is the whole file, or a function that writes it chunk by chunk. Makes the folder where needed. */
export async function replaceFile(
  path: string,
  contents: string | Uint8Array | ((write: WriteChunk) => Promise<void>),
): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true }).catch(notWritable(path))
  const beside = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.partial`)
  try {
    const file = await open(beside, 'wx').catch(notWritable(path))
    try {
      const write: WriteChunk = async (chunk) => {
        await file.writeFile(chunk)
      }
      if (typeof contents === 'function') await contents(write)
      else await write(contents)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path).catch(notWritable(path))
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** What is in the way of a path that a user gave; a full disk and the like are no mistake of theirs. */
const notWritable = (path: string) => (cause: NodeJS.ErrnoException) => {
  const reason = REASONS[cause.code ?? '']
  throw reason === undefined
    ? cause
    : new ConfigError(`cannot be written: ${reason}.`, { field: path, cause })
}

const REASONS: Record<string, string | undefined> = {
  EISDIR: 'a folder is there',
  ENOTDIR: 'a file stands where its folder should be',
  EEXIST: 'a file stands where its folder should be',
  EACCES: 'this is not permitted',
  EROFS: 'the disk is read-only',
}

/** Makes a rename inside the folder survive a power cut; file systems that cannot sync a folder are let be. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error
  } finally {
    await handle.close()
  }
}
