/** What is known of files that were looked at before; the least recently used are forgotten. */
import { fileIdentity } from '../../disk/growing-lines.ts'

export interface OpenFiles<T> {
  open: (path: string) => T
}

/** `reopen when changed`: for files that are replaced as a whole rather than appended to. */
export function openFiles<T>(
  capacity: number,
  open: (path: string) => T,
  mode?: 'reopen when changed',
): OpenFiles<T> {
  const known = new Map<string, { identity: string; file: T }>()
  return {
    open(path) {
      const { size, inode, modified } = fileIdentity(path) ?? {}
      const identity = mode === undefined ? '' : `${inode}/${size}/${modified}`
      const before = known.get(path)
      const entry = before?.identity === identity ? before : { identity, file: open(path) }
      known.delete(path)
      known.set(path, entry)
      if (known.size > capacity) known.delete(known.keys().next().value!)
      return entry.file
    },
  }
}
