import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { decontaminateCommand } from './decontaminate.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-decontaminate-'))
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const write = (name: string, rows: object[]) => {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  return path
}
const run = (...args: string[]) => decontaminateCommand().parseAsync(args, { from: 'user' })

describe('r1 decontaminate', () => {
  afterEach(() => vi.restoreAllMocks())
  const shared = 'a train leaves the station at noon and travels north at speed'
  const train = write('train.jsonl', [
    { question: 'What is one plus one?', answer: '2' },
    { question: `Tom says: ${shared}!`, answer: '3' },
    { question: 'What is 7 + 5?', answer: '12' },
  ])
  const bench = write('bench.jsonl', [{ problem: 'What is 7+5' }, { problem: `${shared}. When?` }])

  it('writes clean rows, removed rows with place and reason, and counts', async () => {
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const [clean, removed] = [join(folder, 'clean.jsonl'), join(folder, 'removed.jsonl')]
    await run(train, '--against', bench, '-o', clean, '--removed', removed, '--json')
    expect(lines(clean)).toEqual([{ question: 'What is one plus one?', answer: '2' }])
    expect(lines(removed)).toMatchObject([
      {
        place: `${train}:2`,
        benchmark: `${bench}:2`,
        overlap: 'a train leaves the station at noon and travels north',
      },
      { place: `${train}:3`, benchmark: `${bench}:1`, overlap: 'what is 7 5', row: { answer: '12' } },
    ])
    expect(JSON.parse(String(print.mock.calls[0]![0]))).toEqual({
      rows: 3,
      kept: 1,
      removed: 2,
      bySource: { [bench]: 2 },
      words: 10,
      output: clean,
    })
  })

  it('refuses to overwrite its input and names a row without a question', async () => {
    await expect(run(train, '--against', bench, '-o', train)).rejects.toThrow('would overwrite its own input')
    const foreign = write('foreign.jsonl', [{ a: 1 }])
    await expect(run(train, '--against', foreign, '-o', join(folder, 'x.jsonl'))).rejects.toThrow(
      new RegExp(`${foreign}:1: no question in this row.* --against-field`),
    )
  })
})
