import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCsv } from './csv.ts'

const path = join(mkdtempSync(join(tmpdir(), 'r1-csv-')), 'file.csv')
const read = async (text: string | Buffer) => {
  writeFileSync(path, text)
  return (await readCsv(path)).map(({ line, value }) => [line, Object.values(value)])
}

describe('readCsv', () => {
  it.each([
    ['a,b\n1,2\n', [[2, ['1', '2']]]],
    ['\uFEFFa,b\r\n"1,5","say ""hi"""\r\n', [[2, ['1,5', 'say "hi"']]]],
    [
      'a,b\n"two\nlines",2\n3,\n',
      [
        [2, ['two\nlines', '2']],
        [4, ['3', '']],
      ],
    ],
    ['a\n\n"x"', [[3, ['x']]]],
    ['', []],
  ])('%j', async (text, rows) => {
    expect(await read(text)).toEqual(rows)
  })

  it.each([
    ['a,b\n1\n', /file\.csv:2: 1 fields under 2/],
    ['a\n"open\n', /:2: a quote is never closed/],
    ['a\n"x"y\n', /:2: text stands behind/],
  ])('%j is refused', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  it('refuses what is not UTF-8', async () => {
    await expect(read(Buffer.from('a,b\ncafé,1\n', 'latin1'))).rejects.toThrow('file.csv:2: not valid UTF-8.')
  })

  it('reads a field of megabytes', async () => {
    const field = `${'x'.repeat(9e6)}""`
    expect(await read(`a,b\n"${field}",1\n`)).toEqual([[2, [field.slice(0, -1), '1']]])
  })
})
