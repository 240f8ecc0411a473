import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSampledBatches } from './sampled-batches.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'r1-batches-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('continues after the last whole batch, with the seconds that it took', async () => {
  const first = await openSampledBatches<number>(folder)
  first.add([1, 2])
  await new Promise((resolve) => setTimeout(resolve, 30))
  first.add([3])
  const took = first.seconds()
  first.close()
  appendFileSync(join(folder, 'sampled.jsonl'), '{"items":[4,')

  const second = await openSampledBatches<number>(folder)
  expect(second.items).toEqual([1, 2, 3])
  expect(second.seconds()).toBeGreaterThanOrEqual(0.03)
  expect(took).toBeGreaterThanOrEqual(0.03)
  second.add([5])
  second.close()
  expect((await openSampledBatches<number>(folder)).items).toEqual([1, 2, 3, 5])
})
