/** A file read as a whole, within a limit and never as the pointer that Git LFS leaves in its place. */
import { createReadStream } from 'node:fs'
import type { UserError, UserErrorDetails } from '../errors.ts'
import { isLfsPointer, LFS_POINTER } from './git-lfs.ts'
import { LIMITS, megabytes } from './limits.ts'

/** Throws what the file system says, or `Wrong` for a file that is not what it should be. Pipes and devices are read, too. */
export async function readWholeFile(
  path: string,
  Wrong: new (message: string, details: UserErrorDetails) => UserError,
  mostBytes: number = LIMITS.wholeFileBytes,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > mostBytes)
      throw new Wrong(`is larger than ${megabytes(mostBytes)}.`, {
        field: path,
        remedy: 'Check that it is the right file.',
      })
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (isLfsPointer(bytes)) throw new Wrong(LFS_POINTER.message, { field: path, remedy: LFS_POINTER.remedy })
  return bytes
}
