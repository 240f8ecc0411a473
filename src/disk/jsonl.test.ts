import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openJsonlAppender, readJsonl, readJsonlFile, writeJsonl } from './jsonl.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-jsonl-'))
let files = 0
function file(contents?: string | Uint8Array, extension = 'jsonl'): string {
  const path = join(folder, `${files++}.${extension}`)
  if (contents !== undefined) writeFileSync(path, contents)
  return path
}

async function numbered(path: string): Promise<[number, unknown][]> {
  const rows: [number, unknown][] = []
  for await (const { line, value } of readJsonl(path)) rows.push([line, value])
  return rows
}

describe('readJsonl', () => {
  const cases: [string, string, [number, unknown][]][] = [
    [
      'plain',
      '{"a":1}\n{"a":2}\n',
      [
        [1, { a: 1 }],
        [2, { a: 2 }],
      ],
    ],
    [
      'no line end at the end',
      '{"a":1}\n{"a":2}',
      [
        [1, { a: 1 }],
        [2, { a: 2 }],
      ],
    ],
    [
      'CRLF, a byte-order mark and blank lines',
      '\uFEFF{"a":1}\r\n\r\n  \n{"a":2}\r\n',
      [
        [1, { a: 1 }],
        [4, { a: 2 }],
      ],
    ],
    ['a line separator inside a string', '{"a":"x\u2028y"}\n', [[1, { a: 'x\u2028y' }]]],
    ['empty', '', []],
  ]
  it.each(cases)('%s', async (_, text, rows) => {
    expect(await numbered(file(text))).toEqual(rows)
  })

  it.each([
    [
      'not JSON',
      '{"a":1}\n{"a":\n{"a":3}\n',
      /:2: \{"a": is not a JSON object\. Expected one JSON object a line/,
    ],
    ['not an object', '{"a":1}\n\n[1]\n', /:3: \[1\] is not a JSON object/],
    ['torn', '{"a":1}\n{"a"', /:2: /],
  ])('names file and line: %s', async (_, text, message) => {
    const path = file(text)
    const reading = readJsonlFile(path)
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toMatchObject({ name: 'DataError' })
    await expect(reading).rejects.toThrow(path)
  })

  it('names the line that is not UTF-8', async () => {
    const path = file(
      Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
    )
    await expect(readJsonlFile(path)).rejects.toThrow(`${path}:2: not valid UTF-8`)
  })

  it('passes over a torn last line only when asked, and never over a torn line before it', async () => {
    const options = { skipTornLastLine: true }
    expect(await readJsonlFile(file('{"a":1}\n{"a"'), options)).toEqual([{ a: 1 }])
    await expect(readJsonlFile(file('{"a"\n{"a":1}\n'), options)).rejects.toThrow(':1: ')
  })

  it('says so when there is no such file', async () => {
    await expect(readJsonlFile(file())).rejects.toThrow('there is no such file')
    await expect(readJsonlFile(folder)).rejects.toThrow('this is a folder')
  })

  it('unpacks .gz', async () => {
    expect(await readJsonlFile(file(gzipSync('{"a":1}\n{"a":2}\n'), 'jsonl.gz'))).toEqual([
      { a: 1 },
      { a: 2 },
    ])
    await expect(readJsonlFile(file('{"a":1}\n', 'jsonl.gz'))).rejects.toThrow('not a gzip file')
    const cut = gzipSync('{"a":1}\n').subarray(0, -4)
    await expect(readJsonlFile(file(cut, 'jsonl.gz'))).rejects.toThrow('the gzip file is cut off.')
  })

  it('reads what was written, lines longer than a read buffer included', async () => {
    const long = { text: 'é😀'.repeat(300_000) }
    const path = file()
    await writeJsonl(path, [long, { n: 1 }, long])
    expect(await readJsonlFile(path)).toEqual([long, { n: 1 }, long])
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), async (rows) => {
        const written = file()
        await writeJsonl(written, rows)
        expect(await readJsonlFile(written)).toEqual(JSON.parse(JSON.stringify(rows)))
      }),
      { numRuns: 30 },
    )
  })
})

describe('openJsonlAppender', () => {
  it('appends, and continues after reopening', async () => {
    const path = join(folder, 'deep', 'log.jsonl')
    const first = openJsonlAppender(path)
    first.append({ a: 1 })
    first.append({ a: 2 }, { a: 3 })
    first.close()
    const second = openJsonlAppender(path)
    second.append({ a: 4 })
    second.close()
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"a":2}\n{"a":3}\n{"a":4}\n')
  })

  it('mends a log cut at any byte: whole rows stay, a part of a row goes', async () => {
    const rows = [{ a: 1 }, { text: 'é😀' }, { a: 22 }]
    const whole = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    for (let length = 0; length <= whole.length; length++) {
      const path = file(whole.subarray(0, length))
      const log = openJsonlAppender(path)
      log.append({ last: true })
      log.close()
      const read = await readJsonlFile(path)
      const kept = read.length - 1
      expect(read).toEqual([...rows.slice(0, kept), { last: true }])
      const complete = rows.filter((_, i) => {
        const end = Buffer.byteLength(
          rows
            .slice(0, i + 1)
            .map((row) => `${JSON.stringify(row)}\n`)
            .join(''),
        )
        return length >= end - 1
      })
      expect(kept).toBe(complete.length)
    }
  })

  it('cuts off a torn line longer than the look-back buffer', async () => {
    const path = file('{"a":1}\n')
    appendFileSync(path, `{"text":"${'x'.repeat(200_000)}`)
    openJsonlAppender(path).close()
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n')
  })
})
