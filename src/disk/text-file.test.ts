import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTextFile } from './text-file.ts'

const path = join(mkdtempSync(join(tmpdir(), 'r1-text-')), 'file.txt')
const read = (bytes: string | Buffer) => {
  writeFileSync(path, bytes)
  return readTextFile(path)
}

describe('readTextFile', () => {
  it.each([
    ['', ''],
    ['\uFEFFa\r\nb', 'a\r\nb'],
    ['café\uFFFD', 'café\uFFFD'],
  ])('%j', async (text, expected) => expect(await read(text)).toBe(expected))

  it.each([
    ['the first line', 'é', 1],
    ['a line between', 'a\nb\né\nc\n', 3],
    ['the last line', 'a\né', 2],
  ])('names the line that is not UTF-8: %s', async (_, text, line) => {
    await expect(read(Buffer.from(text, 'latin1'))).rejects.toThrow(
      `${path}:${line}: not valid UTF-8. Save the file as UTF-8.`,
    )
  })

  it('names a file that is not there', async () => {
    await expect(readTextFile(`${path}.none`)).rejects.toThrow(`${path}.none: there is no such file.`)
  })

  it('names a folder', async () => {
    await expect(readTextFile(dirname(path))).rejects.toThrow('this is a folder, not a file.')
  })
})
