/** `r1 config <recipe>`: every setting with its value, where it came from and what it means. */
import { Command } from 'commander'
import { displayWidth } from '../measures/format.ts'
import { terminalTable } from '../report/tables.ts'
import { clipText, wrapText } from '../report/wrap.ts'
import { type Setting, settings } from '../settings/config.ts'
import { valueAt } from '../settings/schema.ts'
import { addConfigFlags, type ConfigFlags, resolveFlags } from './config-flags.ts'
import { printJson, printLine, printTable, shownValue } from './output.ts'
import { loadRecipe, RECIPES } from './recipes.ts'
import { paint, terminalWidth } from './terminal.ts'

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
    const rows = settings(recipe.schema, resolved).filter(
      ({ path }) => valueAt(resolved.config, path.split('.').slice(0, 1)) !== undefined,
    )
    const width = terminalWidth()
    if (width === undefined || width >= WIDE) printWide(rows)
    else printNarrow(rows, width)
  })
}

/** Columns from which the meaning has room beside the value. */
const WIDE = 130

function printWide(rows: readonly Setting[]): void {
  printTable(
    [{ name: 'setting' }, { name: 'value' }, { name: 'from' }, { name: 'meaning' }],
    // A list of models would stretch its column over every other setting; --json has it whole.
    rows.map(({ path, value, source, description }) => [
      path,
      clipText(shownValue(value), 60),
      source,
      description,
    ]),
  )
}

/** The meaning below each setting. */
function printNarrow(rows: readonly Setting[], width: number): void {
  const longest = (texts: readonly string[]) => Math.max(...texts.map(displayWidth))
  const room = width - longest(rows.map(({ path }) => path)) - longest(rows.map(({ source }) => source)) - 4
  const table = terminalTable(
    [{ name: 'setting' }, { name: 'value' }, { name: 'from' }],
    rows.map(({ path, value, source }) => [path, clipText(shownValue(value), Math.max(8, room)), source]),
    { width },
  )
  const [header, rule, ...lines] = table.split('\n')
  printLine([header, rule].join('\n'))
  for (const [i, line] of lines.entries()) {
    printLine(line)
    for (const part of wrapText(rows[i]!.description, width - 4))
      process.stdout.write(`${paint('dim', `    ${part}`)}\n`)
  }
}
