import { describe, expect, it } from 'vitest'
import { settingPaths } from '../settings/schema.ts'
import { loadRecipe } from './recipes.ts'
import { TRAIN, trainCommand } from './train.ts'

describe.each(Object.entries(TRAIN))('r1 train %s', (name, { usual, examples }) => {
  it('has help with its most used settings, all of which it has', async () => {
    const command = (await trainCommand(['train', name, '--help'])).commands.find(
      (one) => one.name() === name,
    )!
    let text = ''
    command.configureOutput({ writeOut: (part) => (text += part) })
    command.outputHelp()
    const paths = settingPaths((await loadRecipe(name)).schema)
    for (const path of usual) {
      expect(paths).toContain(path)
      expect(text).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')} `, 'm'))
    }
    for (const example of examples) expect(example.startsWith(`r1 train ${name}`)).toBe(true)
  })
})

it('loads no settings for a run that asks for no help', async () => {
  const command = await trainCommand(['train', 'r1-zero'])
  expect(command.commands.map((one) => one.name())).toEqual(Object.keys(TRAIN))
})
