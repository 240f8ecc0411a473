import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRun, type RunInfo } from '../run/folder.ts'
import { runRow } from './runs.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'r1-runs-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const info: RunInfo = {
  recipe: 'r1-zero',
  version: '0.1.0',
  seed: 3,
  created: '2026-11-23T10:00:00.000Z',
  config: {},
  sources: {},
}

it('says how far a run came and how well it did', async () => {
  const run = await createRun(folder, info)
  run.log({ step: 1, accuracy: 0.2, meanTokens: 50 })
  run.log({ step: 1, evaluation: { pass1: 0.4 } })
  run.log({ step: 2, accuracy: 0.3, meanTokens: 60 })
  const row = {
    run: folder,
    recipe: 'r1-zero',
    status: 'running',
    seed: 3,
    step: 2,
    accuracy: 0.3,
    pass1: 0.4,
    meanTokens: 60,
    created: info.created,
  }
  expect(await runRow(folder)).toEqual(row)
  run.close()
  expect(await runRow(folder)).toEqual({ ...row, status: 'stopped' })
})

it.each<[string, () => void, RegExp]>([
  [
    'config',
    () => writeFileSync(join(folder, 'config.json'), '{'),
    /config\.json: this file does not describe a run/,
  ],
  [
    'metrics',
    () => writeFileSync(join(folder, 'metrics.jsonl'), '{"step":1}\n{\n{"step":2}\n'),
    /metrics\.jsonl:2/,
  ],
])('a run with broken %s is listed as broken and says why', async (_, harm, problem) => {
  ;(await createRun(folder, info)).close()
  harm()
  expect(await runRow(folder)).toMatchObject({
    status: 'broken',
    step: null,
    problem: expect.stringMatching(problem),
  })
})

it('a run with a broken evaluation is listed as broken and says which file it is', async () => {
  ;(await createRun(folder, info)).close()
  mkdirSync(join(folder, 'evaluations'))
  writeFileSync(join(folder, 'evaluations', 'base.json'), 'not JSON')
  expect(await runRow(folder)).toMatchObject({
    status: 'broken',
    problem: expect.stringContaining('base.json: this file cannot be read'),
  })
})
