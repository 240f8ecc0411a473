/**
 * Parquet through hyparquet, row group by row group, as plain JSON-like rows: 64-bit integers become numbers where
 * they are exact (strings otherwise), dates become ISO text. Snappy is built in; gzip, Brotli and (where this Node
 * has it) Zstandard come from node:zlib. LZ4 is left out.
 */
import * as zlib from 'node:zlib'
import { asyncBufferFromFile, type Compressors, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { DataError } from '../errors.ts'
import type { JsonObject } from './jsonl.ts'
import { checkRowGroup } from './parquet-pages.ts'
import { readingError } from './reading-error.ts'

export interface ParquetRow {
  /** 1 for the first row. */
  row: number
  value: JsonObject
}

/** The rows in order; `columns` reads only those. */
export async function* readParquet(
  path: string,
  options: { columns?: string[] } = {},
): AsyncGenerator<ParquetRow> {
  try {
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    let row = 0
    for (const group of metadata.row_groups) {
      const end = row + Number(group.num_rows)
      await checkRowGroup(path, file, group, options.columns)
      const values = await parquetReadObjects({
        file,
        metadata,
        compressors: COMPRESSORS,
        rowStart: row,
        rowEnd: end,
        ...(options.columns === undefined ? {} : { columns: options.columns }),
      })
      for (const value of values) yield { row: ++row, value: plain(value) as JsonObject }
      row = end
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

type Unpack = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
const zstdDecompress = (zlib as { zstdDecompressSync?: Unpack }).zstdDecompressSync

/** No page unpacks to more than its header says, which `checkRowGroup` has seen. */
const within = (unpack: Unpack) => (input: Uint8Array, length: number) =>
  unpack(input, { maxOutputLength: Math.max(1, length) })

const COMPRESSORS: Compressors = {
  GZIP: within(zlib.gunzipSync),
  BROTLI: within(zlib.brotliDecompressSync),
  ...(zstdDecompress === undefined ? {} : { ZSTD: within(zstdDecompress) }),
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as never, plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
  return value
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof DataError) return error
  const { syscall, message } = error as NodeJS.ErrnoException
  if (syscall !== undefined) return readingError(path, error)
  const codec = /unsupported compression codec: (\w+)/.exec(message)?.[1]
  if (codec !== undefined)
    return new DataError(`compressed with ${codec}, which cannot be read here.`, {
      field: path,
      remedy:
        codec === 'ZSTD' ? 'Use Node 22.15 or newer, or save it with snappy.' : 'Save the file with snappy.',
      cause: error,
    })
  return new DataError(`not a readable Parquet file (${message}).`, { field: path, cause: error })
}
