/** Rows of a data file whatever its format: `.jsonl`, `.json` (an array of objects), `.parquet`, `.csv`; JSONL may be gzipped. */
import { readCsv } from '../disk/csv.ts'
import { type JsonObject, readJsonl } from '../disk/jsonl.ts'
import { readParquet } from '../disk/parquet.ts'
import { readTextFile } from '../disk/text-file.ts'
import { DataError } from '../errors.ts'

export interface FileRow {
  /** `file:line`, or `file:row` where the format has no lines; from 1. */
  place: string
  value: JsonObject
}

const FORMAT = /\.(jsonl|ndjson|json|parquet|csv)(\.gz)?$/

/** By its name; the file need not be there. */
export const isDataFile = (path: string): boolean => FORMAT.test(path)

export async function* readRows(path: string): AsyncGenerator<FileRow> {
  const extension = FORMAT.exec(path)?.[1]
  if (extension === 'parquet') {
    for await (const { row, value } of readParquet(path)) yield { place: `${path}:${row}`, value }
  } else if (extension === 'csv') {
    for (const { line, value } of await readCsv(path)) yield { place: `${path}:${line}`, value }
  } else if (extension === 'json') {
    yield* await readJsonArray(path)
  } else if (extension !== undefined) {
    for await (const { line, value } of readJsonl(path)) yield { place: `${path}:${line}`, value }
  } else {
    throw new DataError('cannot tell the format from the name.', {
      field: path,
      expected: '.jsonl, .json, .parquet or .csv',
    })
  }
}

async function readJsonArray(path: string): Promise<FileRow[]> {
  const text = await readTextFile(path)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new DataError(`not JSON (${error.message}).`, { field: path, cause: error })
  }
  if (!Array.isArray(value))
    throw new DataError('not a list of rows.', { field: path, expected: 'a JSON array of objects' })
  return value.map((row: unknown, i) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new DataError('not an object.', {
        field: `${path}:${i + 1}`,
        expected: 'a JSON array of objects',
      })
    return { place: `${path}:${i + 1}`, value: row as JsonObject }
  })
}
