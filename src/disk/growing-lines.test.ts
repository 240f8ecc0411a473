import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lastLines, readBytes, readLinesFrom } from './growing-lines.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'r1-lines-'))
  path = join(folder, 'log.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function lines(from: number, proceed?: () => boolean) {
  const found: { text: string; start: number }[] = []
  const end = await readLinesFrom(
    path,
    from,
    (line, start) => found.push({ text: line.toString(), start }),
    proceed,
  )
  return { found, end }
}

it('reads on where it ended, and leaves a line that is still being written', async () => {
  writeFileSync(path, 'one\ntwo\nthr')
  const first = await lines(0)
  expect(first.found).toEqual([
    { text: 'one', start: 0 },
    { text: 'two', start: 4 },
  ])
  appendFileSync(path, 'ee\n')
  expect(await lines(first.end)).toEqual({ found: [{ text: 'three', start: 8 }], end: 14 })
})

it('reads lines longer than a chunk, and stops after any line when it is told to', async () => {
  const long = 'x'.repeat(5_000_000)
  writeFileSync(path, `${long}\nshort\n${long}\nlast\n`)
  const { found } = await lines(0)
  expect(found.map(({ text }) => text.length)).toEqual([5_000_000, 5, 5_000_000, 4])
  const { start } = found[2]!
  expect((await readBytes(path, start, 5_000_000)).equals(Buffer.from(long))).toBe(true)
  const one = () => false
  const second = (await lines(0, one)).end
  expect(await lines(second, one)).toEqual({ found: [{ text: 'short', start: second }], end: start })
})

it('finds the last whole lines', () => {
  writeFileSync(path, 'one\ntwo\nthree\nfo')
  expect(lastLines(path, 1000)).toEqual(['one', 'two', 'three'])
  expect(lastLines(path, 12)).toEqual(['three'])
  expect(lastLines(join(folder, 'none'), 12)).toEqual([])
})
