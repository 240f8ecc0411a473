import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
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

/** Thrift's compact integer. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value * 2; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left])
    bytes.push((left % 128) + 128)
  }
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

  it('refuses a page that claims billions of values before any is made', async () => {
    const path = join(folder, 'bomb.parquet')
    const zeros = Array.from({ length: 1000 }, () => 0)
    parquetWriteFile({
      filename: path,
      columnData: [{ name: 'x', data: zeros, type: 'INT32' }],
      codec: 'GZIP',
      compressors: { GZIP: (bytes: Uint8Array) => gzipSync(bytes) },
    })
    const bytes = readFileSync(path)
    const place = bytes.indexOf(varint(1000))
    expect(place).toBeGreaterThan(0)
    const claims = Buffer.concat([
      bytes.subarray(0, place),
      varint(2_000_000_000),
      bytes.subarray(place + varint(1000).length),
    ])
    writeFileSync(path, claims)
    await expect(rows(path)).rejects.toThrow(/a row group takes .*Expected at most/)
  })

  it('says what is wrong with a file that is missing or foreign', async () => {
    await expect(rows(join(folder, 'none.parquet'))).rejects.toThrow('there is no such file')
    await expect(rows(folder)).rejects.toThrow('this is a folder')
    const foreign = join(folder, 'foreign.parquet')
    writeFileSync(foreign, 'not parquet at all, only text')
    await expect(rows(foreign)).rejects.toThrow(/foreign\.parquet: not a readable Parquet file/)
  })
})
