import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { filterCommand } from './filter.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-filter-'))
const write = (name: string, rows: object[]) => {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  return path
}
const run = (...args: string[]) => filterCommand().parseAsync(args, { from: 'user' })

describe('r1 filter', () => {
  afterEach(() => vi.restoreAllMocks())
  const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, question: `What is ${id}?`, answer: '1' }))
  const train = write('train.jsonl', rows)
  const graded = write('graded.jsonl', [
    { id: 'a', passRate: 0, samples: [] },
    { id: 'b', passRate: 0.5, samples: [] },
    { id: 'c', passRate: 1, samples: [] },
    { id: 'd', passRate: null, samples: [] },
  ])

  it('keeps what is solved sometimes and counts the rest', async () => {
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const output = join(folder, 'kept.jsonl')
    await run(train, '--pass-rates', graded, '-o', output, '--json')
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual(rows[1])
    expect(JSON.parse(String(print.mock.calls[0]![0]))).toMatchObject({
      rows: 5,
      kept: 1,
      tooHard: 1,
      tooEasy: 1,
      unknown: 2,
    })
  })

  it('refuses the pass rates of another file and writes nothing over its input', async () => {
    const other = write('other.jsonl', [{ id: 'x', passRate: 0.5 }])
    await expect(run(train, '--pass-rates', other, '-o', join(folder, 'x.jsonl'))).rejects.toThrow(
      'none of the rows has a pass rate',
    )
    await expect(run(train, '--pass-rates', graded, '-o', train)).rejects.toThrow('overwrite its own input')
  })
})
