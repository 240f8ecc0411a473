/**
 * What a row group of a Parquet file will take in memory, from the headers of its pages and before any is unpacked: a
 * header of a few bytes may claim two billion values.
 */
import type { AsyncBuffer, RowGroup } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { DataError } from '../errors.ts'
import { LIMITS, megabytes } from './limits.ts'

/** Throws a DataError, with `path` as its place, for a row group that is beyond the limits. */
export async function checkRowGroup(
  path: string,
  file: AsyncBuffer,
  group: RowGroup,
  columns: readonly string[] | undefined,
): Promise<void> {
  const refuse = (what: string, limit: string) =>
    new DataError(`a row group takes ${what}.`, {
      field: path,
      expected: `at most ${limit}`,
      remedy: 'Write the file again with smaller row groups, or check where it comes from.',
    })
  let values = 0
  let bytes = 0
  for (const { meta_data: column } of group.columns) {
    if (column === undefined) continue
    if (columns !== undefined && !columns.includes(column.path_in_schema[0]!)) continue
    const start = Number(column.dictionary_page_offset ?? column.data_page_offset)
    const end = start + Number(column.total_compressed_size)
    if (!(start >= 0 && end >= start && end <= file.byteLength))
      throw new DataError('a column lies outside the file.', {
        field: path,
        remedy: 'It is cut off; fetch it again.',
      })
    const view = new DataView(await file.slice(start, end))
    for (const reader = { view, offset: 0 }; reader.offset < view.byteLength - 1; ) {
      const header = parquetHeader(reader)
      const page = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header
      reader.offset += Math.max(0, header.compressed_page_size)
      values += page?.num_values ?? 0
      bytes += header.uncompressed_page_size
      if (header.uncompressed_page_size < 0 || (page?.num_values ?? 0) < 0)
        throw new DataError('a page has a negative size.', { field: path })
      if (header.uncompressed_page_size > LIMITS.pageBytes)
        throw refuse(`a page of ${megabytes(header.uncompressed_page_size)}`, megabytes(LIMITS.pageBytes))
      if (bytes > LIMITS.rowGroupBytes) throw refuse(megabytes(bytes), megabytes(LIMITS.rowGroupBytes))
      if (values > LIMITS.rowGroupValues) throw refuse(`${values} values`, String(LIMITS.rowGroupValues))
    }
  }
}
