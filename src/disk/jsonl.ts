/**
 * JSONL: one JSON object a line. Reading streams, so a file may be larger than memory; a byte-order mark, CRLF line
 * ends and blank lines are accepted, `.gz` files are unpacked, and every complaint names `file:line`.
 * Appending is for logs that outlive a killed process: a line torn by the kill is mended when the log is opened.
 */
import {
  closeSync,
  createReadStream,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { createGunzip } from 'node:zlib'
import { DataError } from '../errors.ts'
import { isLfsPointer, LFS_POINTER } from './git-lfs.ts'
import { LIMITS, megabytes } from './limits.ts'
import { readingError } from './reading-error.ts'
import { replaceFile } from './replace-file.ts'
import { writingError } from './writing-error.ts'

export type JsonObject = Record<string, unknown>

export interface JsonlRow {
  /** 1 for the first line; blank lines count. */
  line: number
  value: JsonObject
}

export interface JsonlReadOptions {
  /** Passes over a last line without a line end that is not JSON: what a killed appender leaves. */
  skipTornLastLine?: boolean
}

const LINE_FEED = 10

/** The file's objects in order, with their line numbers. */
export async function* readJsonl(path: string, options: JsonlReadOptions = {}): AsyncGenerator<JsonlRow> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const { line, bytes, ended } of lines(path)) {
    let text: string
    try {
      text = decoder.decode(bytes).trim()
    } catch {
      if (!ended && options.skipTornLastLine) return
      throw new DataError('not valid UTF-8.', { field: `${path}:${line}`, remedy: 'Save the file as UTF-8.' })
    }
    if (text === '') continue
    if (line === 1 && isLfsPointer(text))
      throw new DataError(LFS_POINTER.message, { field: path, remedy: LFS_POINTER.remedy })
    try {
      const value: unknown = JSON.parse(text)
      if (!isJsonObject(value)) throw new TypeError('not an object')
      yield { line, value }
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error
      if (!ended && options.skipTornLastLine) return
      throw new DataError(`${text.length > 60 ? `${text.slice(0, 57)}...` : text} is not a JSON object.`, {
        field: `${path}:${line}`,
        expected: 'one JSON object a line',
        remedy: 'Mend or remove the line.',
        cause: error,
      })
    }
  }
}

/** All objects of a file that fits in memory. */
export async function readJsonlFile(path: string, options: JsonlReadOptions = {}): Promise<JsonObject[]> {
  const rows: JsonObject[] = []
  for await (const { value } of readJsonl(path, options)) rows.push(value)
  return rows
}

/** Writes all rows and then puts the file in place as a whole. */
export async function writeJsonl(
  path: string,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  await replaceFile(path, async (write) => {
    let buffer = ''
    for await (const row of rows) {
      buffer += `${JSON.stringify(row)}\n`
      if (buffer.length > 1 << 16) {
        await write(buffer)
        buffer = ''
      }
    }
    if (buffer !== '') await write(buffer)
  })
}

export interface JsonlAppender {
  /** Hands whole lines to the operating system before it returns, so they survive the death of this process. */
  append(...rows: unknown[]): void
  /** Also survive a power cut. */
  sync(): void
  close(): void
}

/** Opens a log for appending, made where it is missing; a torn last line is completed or cut off first. */
export function openJsonlAppender(path: string): JsonlAppender {
  const attempt = <T>(write: () => T): T => {
    try {
      return write()
    } catch (error) {
      throw writingError(path, error)
    }
  }
  const file = attempt(() => {
    mkdirSync(dirname(path), { recursive: true })
    closeSync(openSync(path, 'a'))
    mendLastLine(path)
    return openSync(path, 'a')
  })
  let closed = false
  return {
    append(...rows) {
      const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
      let written = 0
      attempt(() => {
        while (written < bytes.length) written += writeSync(file, bytes, written)
      })
    },
    sync: () => attempt(() => fsyncSync(file)),
    close() {
      if (!closed) closeSync(file)
      closed = true
    },
  }
}

function mendLastLine(path: string): void {
  const file = openSync(path, 'r+')
  try {
    const size = fstatSync(file).size
    const chunk = Buffer.alloc(1 << 16)
    const pieces: Buffer[] = []
    let start = size
    while (start > 0) {
      const length = Math.min(chunk.length, start)
      readSync(file, chunk, 0, length, start - length)
      const lineFeed = chunk.subarray(0, length).lastIndexOf(LINE_FEED)
      pieces.unshift(Buffer.from(chunk.subarray(lineFeed + 1, length)))
      start -= length - lineFeed - 1
      if (lineFeed >= 0) break
    }
    if (start === size) return
    if (isCompleteLine(Buffer.concat(pieces).toString('utf8'))) writeSync(file, '\n', size)
    else ftruncateSync(file, start)
  } finally {
    closeSync(file)
  }
}

function isCompleteLine(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text))
  } catch {
    return false
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The lines that are not empty. Splits at line feeds alone: other Unicode line separators may stand unescaped inside
 * JSON strings.
 */
async function* lines(path: string): AsyncGenerator<{ line: number; bytes: Buffer; ended: boolean }> {
  let rest: Buffer[] = []
  let restLength = 0
  let line = 1
  for await (const chunk of bytesOf(path)) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const piece = chunk.subarray(start, end)
      if (restLength + piece.length > 0)
        yield { line, bytes: rest.length === 0 ? piece : Buffer.concat([...rest, piece]), ended: true }
      rest = []
      restLength = 0
      start = end + 1
      line++
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
    restLength += chunk.length - start
    if (restLength > LIMITS.lineBytes)
      throw new DataError(`the line is longer than ${megabytes(LIMITS.lineBytes)}.`, {
        field: `${path}:${line}`,
        expected: 'one JSON object a line',
      })
  }
  if (rest.length > 0) yield { line, bytes: Buffer.concat(rest), ended: false }
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 })
  const unpacked = path.endsWith('.gz') ? createGunzip() : undefined
  if (unpacked !== undefined) {
    file.on('error', (error) => unpacked.destroy(error))
    file.pipe(unpacked)
  }
  try {
    let length = 0
    for await (const chunk of (unpacked ?? file) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > LIMITS.unpackedFreeBytes && length > LIMITS.unpackedRatio * file.bytesRead && unpacked)
        throw new DataError(`unpacks to more than ${LIMITS.unpackedRatio} times its size.`, {
          field: path,
          remedy: 'Unpack it yourself if that is right.',
        })
      yield chunk
    }
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    file.destroy()
  }
}

function unreadable(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'Z_BUF_ERROR')
    return new DataError('the gzip file is cut off.', {
      field: path,
      remedy: 'Fetch or pack it again.',
      cause: error,
    })
  if (code?.startsWith('Z_')) return new DataError('not a gzip file.', { field: path, cause: error })
  return readingError(path, error)
}
