import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findRuns, runName } from './run-summary.ts'

const root = join(mkdtempSync(join(tmpdir(), 'r1-runs-')), 'runs')
afterAll(() => rmSync(join(root, '..'), { recursive: true }))
beforeAll(() => {
  for (const path of ['zero', 'zero/model', 'r1', 'r1/dev1', 'r1/dev1/model', 'r1/dev2', 'no-run/inner']) {
    mkdirSync(join(root, path), { recursive: true })
    if (path !== 'no-run/inner') writeFileSync(join(root, path, 'config.json'), '{}')
  }
})
const names = (folder: string) => findRuns(folder).map((run) => runName(folder, run))

describe('findRuns', () => {
  it.each([
    ['', ['r1', 'r1:dev1', 'r1:dev2', 'zero']],
    ['r1', ['r1', 'r1:dev1', 'r1:dev2']],
    ['r1/dev1', ['dev1']],
    ['nothing', []],
  ])('%s: the runs, the stages of each, no models', (folder, expected) => {
    expect(names(join(root, folder))).toEqual(expected)
  })
})
