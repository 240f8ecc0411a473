/**
 * Lines of a file that another process may still be writing, or that is larger than memory: read on from a byte
 * offset, stopped between lines, or fetched again by offset and length. A last line without its line end waits.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { LIMITS } from './limits.ts'

const CHUNK = 1 << 21
/** Longer lines are no lines of ours; they are passed over. */
const LONGEST = LIMITS.lineBytes
const LINE_FEED = 10

/**
 * Visits the whole lines from byte `from` on, without their line ends; returns the offset behind the last one visited.
 * `proceed` is asked after every line, and after every chunk of 2 MB in which none ends once there was one.
 */
export async function readLinesFrom(
  path: string,
  from: number,
  visit: (line: Buffer, start: number) => void,
  proceed: () => boolean = () => true,
): Promise<number> {
  const file = await open(path, 'r')
  try {
    let offset = from
    let rest: Buffer[] = []
    let restLength = 0
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK)
      const { bytesRead } = await file.read(chunk, 0, CHUNK, offset + restLength)
      const bytes = chunk.subarray(0, bytesRead)
      let start = 0
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        const piece = bytes.subarray(start, end)
        const length = restLength + piece.length
        if (length <= LONGEST) visit(restLength === 0 ? piece : Buffer.concat([...rest, piece]), offset)
        offset += length + 1
        rest = []
        restLength = 0
        start = end + 1
        if (!proceed()) return offset
      }
      if (start < bytesRead) {
        if (restLength <= LONGEST) rest.push(bytes.subarray(start))
        else rest = []
        restLength += bytesRead - start
      }
      if (bytesRead < CHUNK || (offset > from && !proceed())) return offset
    }
  } finally {
    await file.close()
  }
}

/**
 * Reads on for about so long: the offset behind the last line, and the share of the file that is behind it. At the
 * file's end that is 1, whether or not the last line has its line end.
 */
export async function readLinesFor(
  milliseconds: number,
  path: string,
  from: number,
  visit: (line: Buffer, start: number) => void,
): Promise<{ offset: number; share: number }> {
  const size = fileIdentity(path)?.size ?? 0
  if (from >= size) return { offset: from, share: 1 }
  const until = performance.now() + milliseconds
  let cut = false
  const offset = await readLinesFrom(path, from, visit, () => {
    cut = performance.now() >= until
    return !cut
  })
  return { offset, share: cut ? Math.min(1, offset / size) : 1 }
}

export async function readBytes(path: string, start: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(length)
    const { bytesRead } = await file.read(buffer, 0, length, start)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The whole lines among the last `bytes` of a file, oldest first; none where there is no file. */
export function lastLines(path: string, bytes: number): string[] {
  const size = fileIdentity(path)?.size ?? 0
  if (size === 0) return []
  const length = Math.min(size, bytes)
  const buffer = Buffer.alloc(length)
  const file = openSync(path, 'r')
  try {
    readSync(file, buffer, 0, length, size - length)
  } finally {
    closeSync(file)
  }
  const first = length === size ? 0 : buffer.indexOf(LINE_FEED) + 1
  return buffer
    .subarray(first, buffer.lastIndexOf(LINE_FEED) + 1)
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
}

/** Size and inode: a file that was replaced, or became shorter, is another one. Undefined where there is none. */
export function fileIdentity(path: string): { size: number; inode: number; modified: number } | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() ? { size: found.size, inode: found.ino, modified: found.mtimeMs } : undefined
}
