import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openMetricsFile, seriesWindow } from './metrics-table.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'r1-table-'))
  path = join(folder, 'metrics.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const line = (row: object) => `${JSON.stringify(row)}\n`
const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, points: 100 }

it('follows a run, and starts over where a resumed one replaced its file', async () => {
  const file = openMetricsFile(path)
  expect(await file.advance(1000)).toBe(1)
  writeFileSync(path, line({ step: 0, evaluation: { pass1: 0.2 } }) + line({ step: 1, accuracy: 0.1 }))
  await file.advance(1000)
  const before = file.version()
  appendFileSync(path, line({ step: 2, accuracy: 0.3, late: 7, note: 'text' }))
  await file.advance(1000)
  expect(file.version()).not.toBe(before)
  expect(seriesWindow(file.steps, { ...all, keys: ['accuracy', 'late', 'note'] })).toEqual({
    x: [1, 2],
    series: { accuracy: { mean: [0.1, 0.3] }, late: { mean: [null, 7] } },
  })
  expect(seriesWindow(file.evaluations, { ...all, keys: ['pass1'] }).series.pass1!.mean).toEqual([0.2])
  writeFileSync(`${path}.new`, line({ step: 1, accuracy: 0.9 }))
  renameSync(`${path}.new`, path)
  await file.advance(1000)
  expect(seriesWindow(file.steps, { ...all, keys: ['accuracy'] })).toEqual({
    x: [1],
    series: { accuracy: { mean: [0.9] } },
  })
})

it('a window of any size keeps the extremes and the mean of its steps', async () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(
      values,
      fc.nat(60),
      fc.nat(60),
      fc.integer({ min: 1, max: 20 }),
      async (ys, a, b, points) => {
        writeFileSync(path, ys.map((y, i) => line({ step: i, y })).join(''))
        const file = openMetricsFile(path)
        await file.advance(1000)
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const inside = ys.slice(from, to + 1)
        const { x, series } = seriesWindow(file.steps, { keys: ['y'], from, to, points })
        expect(x.length).toBe(Math.min(inside.length, points))
        expect(x.every((step) => step >= from && step <= to)).toBe(true)
        const { mean, min = mean, max = mean } = series.y!
        if (inside.length === 0) return
        expect(Math.min(...min.map(Number))).toBe(Math.min(...inside))
        expect(Math.max(...max.map(Number))).toBe(Math.max(...inside))
        expect(mean.every((value, i) => value! >= min[i]! && value! <= max[i]!)).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})
