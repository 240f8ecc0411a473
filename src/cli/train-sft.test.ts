import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { sftRecipeConfig } from '../recipes/sft.ts'
import { checkSft } from './train-sft.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-sft-'))
afterAll(() => rmSync(folder, { recursive: true }))
const data = join(folder, 'data.jsonl')
const check = (rows: readonly unknown[]) => {
  writeFileSync(data, rows.map((row) => JSON.stringify(row)).join('\n'))
  return checkSft(sftRecipeConfig.parse({ data }))
}

it('every row is read before a run is made', async () => {
  const row = { prompt: 'a', response: 'b' }
  await check([row])
  await expect(check([row, { prompt: 'a' }])).rejects.toThrow(/data\.jsonl:2: not an example to learn from/)
  await expect(check([])).rejects.toThrow(/^data is .*data\.jsonl": there is nothing to learn from/)
})
