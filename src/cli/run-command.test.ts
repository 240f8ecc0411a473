import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { createRun, type RunInfo } from '../run/folder.ts'
import { type ConfigFlags, resolveFlags } from './config-flags.ts'
import { loadRecipe } from './recipes.ts'
import { makingCommand, resumeCommand, settingFlags } from './run-command.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-command-'))
afterAll(() => rmSync(root, { recursive: true }))

async function infoOf(recipe: string, flags: Partial<ConfigFlags> = {}): Promise<RunInfo> {
  const { config, sources } = resolveFlags(await loadRecipe(recipe), { set: [], ...flags })
  const values = config as z.output<z.ZodRecord<z.ZodString, z.ZodJSONSchema>>
  return {
    recipe,
    version: '0',
    seed: 2,
    created: '2026-11-30T12:00:00.000Z',
    config: values as RunInfo['config'],
    sources,
  }
}

describe('settingFlags', () => {
  const file = join(root, 'small.json')
  writeFileSync(file, '{ "pretrain": { "steps": 3, "warmupSteps": 1 } }')

  it.each<[string, Partial<ConfigFlags>, string[]]>([
    ['r1-zero', { seed: 2 }, []],
    ['r1-zero', { preset: 'qwen2.5-7b' }, ['--preset', 'qwen2.5-7b']],
    ['r1-zero', { preset: 'paper', set: ['grpo.steps=3'] }, ['--preset', 'paper', '--set', 'grpo.steps=3']],
    ['sft', {}, []],
    ['sft', { preset: 'pocket' }, ['--preset', 'pocket']],
    ['pretrain', { config: file }, ['--config', file]],
    [
      'r1-zero',
      { set: ['model=my models/a', 'lora.targets=["q_proj","v_proj"]', 'grpo.deadline=null'] },
      [
        ...['--set', "'model=my models/a'"],
        ...['--set', 'grpo.deadline=null'],
        ...['--set', `'lora.targets=["q_proj","v_proj"]'`],
      ],
    ],
  ])('%s %j', async (recipe, flags, expected) => {
    expect(await settingFlags(await infoOf(recipe, flags))).toEqual(expected)
  })

  it('settings of a second file, which a resumed run may have been given, are set one by one', async () => {
    const info = await infoOf('pretrain', { config: file })
    const sources = { ...info.sources, 'pretrain.steps': 'other.json' }
    const set = ['pretrain.steps=3', 'pretrain.warmupSteps=1'].flatMap((text) => ['--set', text])
    expect(await settingFlags({ ...info, sources })).toEqual(set)
  })
})

describe('the commands of a stage are those of its pipeline', () => {
  it.each([
    ['r1', 'mine', 'npx r1 train r1 --run {}/mine', ' --resume', ' --seed 2'],
    ['miniature', 'seed-2', 'npx r1 reproduce --run {} --seeds 2', '', ''],
  ])('%s', async (recipe, name, command, resume, seed) => {
    const [folder, text] = [join(root, name), command.replace('{}', root)]
    ;(await createRun(folder, await infoOf(recipe))).close()
    const stage = { folder: join(folder, 'dev2'), info: { ...(await infoOf('r1-zero')), recipe: 'grpo' } }
    expect(resumeCommand(stage)).toBe(text + resume)
    expect(await makingCommand(stage)).toBe(text + seed)
  })
})
