import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { type ParquetRow, readParquet } from './parquet.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-parquet-'))
const columnData = [
  { name: 'problem', data: ['1+1', '2+2', 'é😀'] },
  { name: 'answer', data: [2n, 4n, 9007199254740993n], type: 'INT64' as const },
  { name: 'level', data: [1.5, null, 3] },
  { name: 'tags', data: [{ all: [1, 2] }, { all: [] }, { all: [3] }], type: 'JSON' as const },
]
const expected = [
  { problem: '1+1', answer: 2, level: 1.5, tags: { all: [1, 2] } },
  { problem: '2+2', answer: 4, level: null, tags: { all: [] } },
  { problem: 'é😀', answer: '9007199254740993', level: 3, tags: { all: [3] } },
]

async function rows(path: string, options?: { columns: string[] }): Promise<ParquetRow[]> {
  const read: ParquetRow[] = []
  for await (const row of readParquet(path, options)) read.push(row)
  return read
}

describe('readParquet', () => {
  it.each([
    ['one row group, snappy', {}],
    ['a row group a row', { rowGroupSize: 1 }],
    ['gzip', { codec: 'GZIP' as const, compressors: { GZIP: (bytes: Uint8Array) => gzipSync(bytes) } }],
  ])('%s', async (name, options) => {
    const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.parquet`)
    parquetWriteFile({ filename: path, columnData, ...options })
    expect(await rows(path)).toEqual(expected.map((value, i) => ({ row: i + 1, value })))
    expect((await rows(path, { columns: ['answer'] }))[1]).toEqual({ row: 2, value: { answer: 4 } })
  })

  it('says what is wrong with a file that is missing or foreign', async () => {
    await expect(rows(join(folder, 'none.parquet'))).rejects.toThrow('there is no such file')
    await expect(rows(folder)).rejects.toThrow('this is a folder')
    const foreign = join(folder, 'foreign.parquet')
    writeFileSync(foreign, 'not parquet at all, only text')
    await expect(rows(foreign)).rejects.toThrow(/foreign\.parquet: not a readable Parquet file/)
  })
})
