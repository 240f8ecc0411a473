/** A text file as a whole: UTF-8 or a complaint that names the line, without the byte-order mark. */
import { isUtf8 } from 'node:buffer'
import { DataError } from '../errors.ts'
import { readingError } from './reading-error.ts'
import { readWholeFile } from './whole-file.ts'

export async function readTextFile(path: string): Promise<string> {
  const bytes = await readWholeFile(path, DataError).catch((cause: unknown) => {
    throw readingError(path, cause)
  })
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes)
  throw new DataError('not valid UTF-8.', {
    field: `${path}:${firstForeignLine(bytes)}`,
    remedy: 'Save the file as UTF-8.',
  })
}

function firstForeignLine(bytes: Buffer): number {
  let line = 1
  for (let start = 0, end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', start)) {
    if (!isUtf8(bytes.subarray(start, end))) break
    start = end + 1
    line++
  }
  return line
}
