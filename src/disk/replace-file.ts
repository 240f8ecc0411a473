/**
 * Replaces a file as a whole: the new contents are written beside it, synced and renamed, and then the folder is
 * synced, so that a reader or a power cut sees the old file or the new one and never half of either.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { FileContents, WriteChunk } from './file-contents.ts'
import { writingError } from './writing-error.ts'

/** Makes the folder where needed. */
export async function replaceFile(path: string, contents: FileContents): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw writingError(path, cause)
  })
  const beside = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.partial`)
  try {
    const file = await open(beside, 'wx')
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
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw writingError(path, error)
  }
  await syncFolder(folder)
}

/** Makes a rename inside the folder survive a power cut; file systems that cannot sync a folder are left alone. */
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
