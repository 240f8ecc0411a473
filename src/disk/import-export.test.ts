import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { importExport } from './import-export.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-import-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.each([undefined, 'commonjs', 'module'])('knows r1-ts in a folder of type %s', async (type) => {
  const place = join(folder, type ?? 'none')
  mkdirSync(place)
  if (type !== undefined) writeFileSync(join(place, 'package.json'), JSON.stringify({ type }))
  const file = join(place, 'task.ts')
  writeFileSync(file, "import { verifyMath } from 'r1-ts/verifiers'\nexport const task = typeof verifyMath\n")
  expect(await importExport(file, 'task')).toBe('function')
})

it('says in one line what a file lacks', async () => {
  const file = join(folder, 'lost.ts')
  writeFileSync(file, "import 'no-such-package'\nexport const task = 1\n")
  await expect(importExport(file, 'task')).rejects.toThrow(
    /^[^\n]*lost\.ts: cannot be loaded: [^\n]*no-such-package[^\n]*$/,
  )
})

it('says in one line where a file is broken', async () => {
  const file = join(folder, 'broken.ts')
  writeFileSync(file, 'export const task = {\n  name: }')
  await expect(importExport(file, 'task')).rejects.toThrow(
    /^[^\n]*broken\.ts: cannot be loaded: [^\n]*broken\.ts:2:\d+: [^\n]*$/,
  )
})
