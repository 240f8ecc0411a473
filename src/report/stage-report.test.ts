import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { dataTable } from './stage-report.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-stages-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('the table of data ends with what they are in all, as the paper prints it', () => {
  mkdirSync(join(folder, 'data'))
  const counts = {
    math: { questions: 4, sampled: 16, refused: { wrong: 9, form: 1 }, surplus: 2, rows: 4, meanTokens: 90 },
    code: { questions: 2, sampled: 8, refused: { wrong: 8 }, surplus: 0, rows: 0, meanTokens: 0 },
    general: { rows: 2, meanTokens: 30 },
  }
  writeFileSync(join(folder, 'data', 'counts.json'), JSON.stringify(counts))
  expect(dataTable(folder, 'data')!.rows).toEqual([
    ['math', '4', '16', '9 wrong, 1 form', '2', '4', '90'],
    ['code', '2', '8', '8 wrong', '0', '0', '–'],
    ['general', '–', '–', '–', '–', '2', '30'],
    ['total', '6', '24', '17 wrong, 1 form', '2', '6', '70'],
  ])
  expect(dataTable(folder, 'none')).toBeUndefined()
})
