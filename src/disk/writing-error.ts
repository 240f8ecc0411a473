/** What keeps a file or folder from being written, as something the user can mend where it is. */
import { ConfigError } from '../errors.ts'

/** The cause itself where it is none of these. */
export function writingError(path: string | undefined, cause: unknown): unknown {
  const reason = REASONS[(cause as NodeJS.ErrnoException | undefined)?.code ?? '']
  if (reason === undefined) return cause
  const [why, remedy] = reason
  return new ConfigError(`cannot be written: ${why}.`, {
    field: path ?? 'a file',
    ...(remedy === undefined ? {} : { remedy }),
    cause,
  })
}

const REASONS: Record<string, readonly [why: string, remedy?: string] | undefined> = {
  EISDIR: ['a folder is there'],
  ENOTDIR: ['a file stands where its folder should be'],
  EEXIST: ['a file stands where its folder should be'],
  EACCES: ['this is not permitted'],
  EPERM: ['this is not permitted'],
  EROFS: ['the disk is read-only'],
  ENOSPC: ['the disk is full', 'Free some space; then continue the run with --resume.'],
  EDQUOT: ['your share of the disk is used up', 'Free some space; then continue the run with --resume.'],
}
