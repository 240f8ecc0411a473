import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { miniatureConfig, miniaturePresets } from '../recipes/miniature.ts'
import { createRun, type RunInfo } from '../run/folder.ts'
import { resolveFlags } from './config-flags.ts'
import { reproduceCommand } from './reproduce.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-reproduce-'))
afterAll(() => rmSync(root, { recursive: true }))

it('finished seeds keep their settings, and the page says which they are', async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  const mini = join(root, 'mini.json')
  writeFileSync(mini, '{ "r1": { "zero": { "grpo": { "steps": 2 } } } }')
  const recipe = { schema: miniatureConfig, presets: miniaturePresets }
  for (const [seed, given] of [[], [mini], [mini]].entries()) {
    const { config, sources } = resolveFlags(recipe, { set: [], ...(given[0] && { config: given[0] }) })
    const values = config as unknown as RunInfo['config']
    const info = {
      recipe: 'miniature',
      version: '0',
      seed,
      created: '2026-11-30T10:00:00.000Z',
      config: values,
      sources,
    }
    const run = await createRun(join(root, `seed-${seed}`), info)
    await run.finish({})
    run.close()
  }
  const reproduce = (...args: string[]) =>
    reproduceCommand().parseAsync(['--run', root, ...args], { from: 'user' })
  await expect(
    reproduce('--seeds', '1,2', '--config', mini, '--set', 'r1.zero.grpo.steps=1'),
  ).rejects.toThrow(
    /^r1\.zero\.grpo\.steps is 1: this seed was begun with another\. Expected 2, that of .*seed-1/,
  )
  await reproduce('--seeds', '1,2', '--config', mini)
  await reproduce('--seeds', '0,1,2')
  const page = readFileSync(join(root, 'paper-in-miniature.md'), 'utf8')
  expect(page.split('```')[1]).toBe(
    `\nnpx r1 reproduce --run ${root} --seeds 0\nnpx r1 reproduce --config ${mini} --run ${root} --seeds 1,2\n`,
  )
  vi.restoreAllMocks()
})
