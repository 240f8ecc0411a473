import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ConfigError } from '../errors.ts'
import { fileLayer, flagLayer, type Layer, resolveConfig, setLayers, settings } from './config.ts'

const schema = z.strictObject({
  seed: z.int().min(0).default(1).describe('seed of every random stream'),
  name: z.string().min(1).default('zero'),
  steps: z.int().positive().default(100),
  model: z.string().optional(),
  grpo: z.strictObject({
    groupSize: z
      .int()
      .min(2, 'an integer of at least 2 (a group of one has no advantage)')
      .default(8)
      .describe('G'),
    variant: z.enum(['grpo', 'dr_grpo', 'dapo']).default('grpo'),
    clip: z.union([z.number().positive(), z.literal('none')]).default(0.2),
    betas: z.array(z.number()).length(2).default([0.9, 0.95]),
    klWeight: z.number().lt(1).default(0.001),
    optimizer: z.strictObject({ learningRate: z.number().default(3e-4) }),
  }),
})

const folder = mkdtempSync(join(tmpdir(), 'r1-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const set = (...assignments: string[]) => resolveConfig(schema, setLayers(schema, assignments))
const message = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error('expected a ConfigError')
}

describe('resolveConfig', () => {
  it('fills every group from its defaults', () => {
    const { config, sources } = resolveConfig(schema, [])
    expect(config.grpo).toEqual({
      groupSize: 8,
      variant: 'grpo',
      clip: 0.2,
      betas: [0.9, 0.95],
      klWeight: 0.001,
      optimizer: { learningRate: 3e-4 },
    })
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
    expect(sources).toHaveProperty(['grpo.optimizer.learningRate'])
  })

  it('lets later layers win and remembers where each value came from', () => {
    const path = file('run.json', '{ "seed": 3, /* G */ "grpo": { "groupSize": 4, "variant": "dapo", }, }')
    const layers: Layer[] = [
      { source: 'preset pocket', values: { steps: 60, grpo: { groupSize: 16, klWeight: 0.01 } } },
      fileLayer(path),
      ...setLayers(schema, ['grpo.variant=dr_grpo', 'grpo.betas=[0.8,0.9]']),
      flagLayer('--seed', 'seed', 5),
    ]
    const { config, sources } = resolveConfig(schema, layers)
    expect(config).toMatchObject({
      seed: 5,
      steps: 60,
      grpo: { groupSize: 4, variant: 'dr_grpo', betas: [0.8, 0.9], klWeight: 0.01, clip: 0.2 },
    })
    expect(sources).toMatchObject({
      seed: '--seed',
      steps: 'preset pocket',
      'grpo.groupSize': path,
      'grpo.variant': '--set',
      'grpo.betas': '--set',
      'grpo.klWeight': 'preset pocket',
      'grpo.clip': 'default',
    })
  })

  it.each([
    ['grpo.groupSize=16', 16, 'grpo.groupSize'],
    ['grpo.klWeight=1e-2', 0.01, 'grpo.klWeight'],
    ['grpo.clip=none', 'none', 'grpo.clip'],
    ['grpo.optimizer.learningRate=0', 0, 'grpo.optimizer.learningRate'],
    ['model=123', '123', 'model'],
    ['model="a b"', 'a b', 'model'],
    ['model=a=b', 'a=b', 'model'],
    ['grpo={"groupSize":4}', 4, 'grpo.groupSize'],
  ])('--set %s', (assignment, value, path) => {
    const resolved = set(assignment)
    expect(settings(schema, resolved).find((setting) => setting.path === path)).toMatchObject({
      value,
      source: '--set',
    })
  })

  it('lists each setting once, with its meaning, also those without a value', () => {
    const rows = settings(schema, resolveConfig(schema, []))
    expect(rows.map((row) => row.path)).toEqual([
      'seed',
      'name',
      'steps',
      'model',
      'grpo.groupSize',
      'grpo.variant',
      'grpo.clip',
      'grpo.betas',
      'grpo.klWeight',
      'grpo.optimizer.learningRate',
    ])
    expect(rows.find((row) => row.path === 'seed')?.description).toBe('seed of every random stream')
    expect(rows.find((row) => row.path === 'model')?.value).toBeUndefined()
  })
})

describe('a wrong setting', () => {
  it.each([
    [
      'grpo.groupSize=1',
      'grpo.groupSize is 1: too small (from --set). Expected an integer of at least 2 (a group of one has no advantage). The default is --set grpo.groupSize=8.',
    ],
    ['seed=x', 'seed is "x": wrong type (from --set). Expected a number. The default is --set seed=1.'],
    ['seed=1.5', 'seed is 1.5: wrong type (from --set). Expected an integer. The default is --set seed=1.'],
    [
      'seed=-1',
      'seed is -1: too small (from --set). Expected a number of at least 0. The default is --set seed=1.',
    ],
    [
      'steps=0',
      'steps is 0: too small (from --set). Expected a number of more than 0. The default is --set steps=100.',
    ],
    [
      'grpo.variant=dappo',
      'grpo.variant is "dappo": unknown choice (from --set). Expected one of "grpo", "dr_grpo", "dapo". Did you mean "dapo"?',
    ],
    [
      'grpo.clip=true',
      'grpo.clip is true: not accepted (from --set). Expected a number or "none". The default is --set grpo.clip=0.2.',
    ],
    [
      'grpo.betas=[1]',
      "grpo.betas is [1]: too small (from --set). Expected at least 2 items. The default is --set grpo.betas='[0.9,0.95]'.",
    ],
    [
      'grpo.klWeight=1',
      'grpo.klWeight is 1: too big (from --set). Expected a number of less than 1. The default is --set grpo.klWeight=0.001.',
    ],
    [
      'name=',
      'name is "": too small (from --set). Expected at least 1 character. The default is --set name=zero.',
    ],
    ['grpo=3', 'grpo is 3: wrong type (from --set). Expected a group of settings ({ … }).'],
    ['grpo.groupSze=8', 'grpo.groupSze: there is no such setting (from --set). Did you mean grpo.groupSize?'],
    ['groupSize=8', 'groupSize: there is no such setting (from --set). Did you mean grpo.groupSize?'],
    ['gpro.groupSize=8', 'gpro: there is no such setting (from --set). Did you mean grpo?'],
    [
      'zzz=8',
      /^zzz: there is no such setting \(from --set\)\. Known here: seed, name, steps, model, grpo\.$/,
    ],
    ['__proto__.x=1', /^__proto__: there is no such setting/],
    ['seed', 'cannot read --set seed. Expected key=value, such as --set grpo.groupSize=8.'],
    ['=1', 'cannot read --set =1. Expected key=value, such as --set grpo.groupSize=8.'],
    ['grpo..x=1', /^cannot read --set grpo\.\.x=1/],
  ])('--set %s', (assignment, expected) => {
    const text = message(() => set(assignment))
    if (typeof expected === 'string') expect(text).toBe(expected)
    else expect(text).toMatch(expected)
  })

  it('names all of them, one a line', () => {
    const lines = message(() => set('seed=x', 'grpo.groupSize=1', 'nam=y')).split('\n')
    expect(lines.map((line) => line.split(/[ :]/)[0]).sort()).toEqual(['grpo.groupSize', 'nam', 'seed'])
  })

  it('says what is missing', () => {
    const strict = z.strictObject({ model: z.string() })
    expect(message(() => resolveConfig(strict, []))).toBe(
      'model: this setting is missing. Expected a string. Give it with --set model=VALUE or in the --config file.',
    )
  })
})

describe('a config file', () => {
  it.each([
    ['{ "seed": 1 ', /bad-0\.json:1:13: not JSON \(close brace expected\)\. Mend the file there/],
    ['{\n  seed: 1\n}', /bad-1\.json:2:3: not JSON \(invalid symbol\)/],
    ['[1, 2]', /bad-2\.json: the config file holds no settings\. Expected an object/],
    ['', /bad-3\.json:1:1: not JSON \(value expected\)/],
    ['{ "seed": "x" }', /^seed is "x": wrong type \(from .*bad-4\.json\)\. Expected a number\./],
    ['{ "grpo": { "groupSze": 1 } }', /^grpo\.groupSze: there is no such setting \(from .*bad-5\.json\)/],
  ])('%j', (text, expected) => {
    const index = String(expected).match(/bad-(\d)/)?.[1]
    const path = file(`bad-${index}.json`, text)
    expect(message(() => resolveConfig(schema, [fileLayer(path)]))).toMatch(expected)
  })

  it('that does not exist', () => {
    expect(message(() => fileLayer(join(folder, 'none.json')))).toMatch(
      /none\.json: the config file cannot be read\. Give --config the path of a JSON file\./,
    )
  })

  it('may start with a byte order mark', () => {
    expect(fileLayer(file('bom.json', '\uFEFF{"seed": 2}')).values).toEqual({ seed: 2 })
  })
})

it('names what is missing in a group that may stand for a number', () => {
  const weights = z.strictObject({
    weight: z.union([z.number(), z.strictObject({ from: z.number(), steps: z.int() })]).default(1),
  })
  const set = () => resolveConfig(weights, setLayers(weights, ['weight={"from":1}']))
  expect(message(set)).toMatch(/Expected a number or a group whose steps is a number\./)
})
