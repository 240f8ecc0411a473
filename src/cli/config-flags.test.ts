import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { resolveFlags } from './config-flags.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-config-flags-'))
afterAll(() => rmSync(folder, { recursive: true }))
const recipe = {
  schema: z.strictObject({
    seed: z.int().default(1),
    steps: z.int().default(1),
    rate: z.number().default(1),
  }),
  presets: { pocket: { steps: 8 }, paper: {} },
}

it('settings on a run that continues are laid over its own, and no preset in their place', () => {
  const base = { source: 'the run', values: { steps: 5, rate: 3 } }
  expect(resolveFlags(recipe, { set: ['rate=2'] }, base).config).toEqual({ seed: 1, steps: 5, rate: 2 })
  expect(() => resolveFlags(recipe, { set: [], preset: 'paper' }, base)).toThrow(
    /preset is "paper": a run that continues has its settings already\. Change single ones with --set/,
  )
})

it.each([{ steps: 5 }, { recipe: 'mine', version: '0', config: { seed: 3, steps: 5 }, sources: {} }])(
  '--config reads settings and the config.json of a run',
  (contents) => {
    const config = join(folder, 'config.json')
    writeFileSync(config, JSON.stringify(contents))
    const resolved = resolveFlags(recipe, { set: [], config, seed: 2 })
    expect(resolved.config).toEqual({ seed: 2, steps: 5, rate: 1 })
    expect(resolved.sources).toMatchObject({ steps: config })
  },
)

describe('a recipe with a choice of sections', () => {
  const section = z.strictObject({ steps: z.int().default(1) }).prefault({})
  const either = {
    schema: z.strictObject({ algorithm: z.enum(['a', 'b']).default('a'), a: section, b: section }),
    presets: { pocket: { a: { steps: 8 }, b: { steps: 9 } } },
    choice: { setting: 'algorithm', sections: ['a', 'b'] },
  }

  it('has the chosen one alone', () => {
    const { config, sources } = resolveFlags(either, { set: ['algorithm=b'] })
    expect(config).toEqual({ algorithm: 'b', b: { steps: 9 } })
    expect(Object.keys(sources)).toEqual(['algorithm', 'b.steps'])
  })

  it('refuses a setting of another one', () => {
    expect(() => resolveFlags(either, { set: ['b.steps=2'] })).toThrow(
      /^b\.steps is 2: nothing reads it where algorithm is a\. .*section a, or another algorithm/,
    )
  })
})
