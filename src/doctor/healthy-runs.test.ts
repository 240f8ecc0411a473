/**
 * The figures of healthy runs, with the commands of docs/doctor.md, rounded to four digits: the doctor has nothing to say of any.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { examineRun } from './read-run.ts'

const FOLDER = join(import.meta.dirname, '../../test/healthy-runs')
const runs = readdirSync(FOLDER)

it('are at least ten', () => expect(runs.length).toBeGreaterThanOrEqual(10))

it.each(runs)('%s', async (name) => {
  const { findings, steps } = await examineRun(join(FOLDER, name))
  expect(findings.filter(({ note }) => !note)).toEqual([])
  expect(steps).toBeGreaterThanOrEqual(10)
})
