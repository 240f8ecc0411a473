/** What keeps a data file from being read, as the user's mistake where it is one. */
import { DataError } from '../errors.ts'

export function readingError(path: string, cause: unknown): unknown {
  const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? '']
  return reason === undefined ? cause : new DataError(reason, { field: path, cause })
}

const REASONS: Record<string, string | undefined> = {
  ENOENT: 'there is no such file.',
  ENOTDIR: 'there is no such file.',
  EISDIR: 'this is a folder, not a file.',
  EACCES: 'no permission to read this file.',
}
