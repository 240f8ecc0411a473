/** `r1 config <recipe>`: every setting with its value, where it came from and what it means. */
import { Command } from 'commander'
import { settings } from '../settings/config.ts'
import { valueAt } from '../settings/schema.ts'
import { addConfigFlags, type ConfigFlags, resolveFlags } from './config-flags.ts'
import { printJson, printTable } from './output.ts'
import { loadRecipe, RECIPES } from './recipes.ts'

export function configCommand(recipes = RECIPES): Command {
  const command = new Command('config')
    .description('Show every setting of a recipe, its value and where the value came from.')
    .argument('<recipe>', Object.keys(recipes).join(', '))
    .option('--json', 'print the settings as JSON that --config reads')
    .addHelpText(
      'after',
      `
Recipes:
${Object.entries(recipes)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Examples:
  r1 config r1-zero
  r1 config r1-zero --config run.json --set grpo.groupSize=8
  r1 config r1-zero --json > run.json`,
    )
  return addConfigFlags(command).action(async (name: string, flags: ConfigFlags & { json?: boolean }) => {
    const recipe = await loadRecipe(name, recipes)
    const resolved = resolveFlags(recipe, flags)
    if (flags.json) return printJson(resolved.config)
    printTable(
      [{ name: 'setting' }, { name: 'value' }, { name: 'from' }, { name: 'meaning' }],
      settings(recipe.schema, resolved)
        .filter(({ path }) => valueAt(resolved.config, path.split('.').slice(0, 1)) !== undefined)
        .map(({ path, value, source, description }) => [
          path,
          value === undefined ? '–' : shortened(JSON.stringify(value)),
          source,
          description,
        ]),
    )
  })
}

/** A list of models would stretch its column over every other setting; --json has it whole. */
const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)
