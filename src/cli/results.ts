/** `r1 results <runs...>`: several seeds of one recipe as one page with means and spread. */
import { basename, dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { replaceFile } from '../disk/replace-file.ts'
import { isSameFile } from '../disk/same-file.ts'
import { ConfigError } from '../errors.ts'
import { resultsPage } from '../report/results.ts'
import { readRunSummary } from '../report/run-summary.ts'
import type { RunInfo } from '../run/folder.ts'
import { printJson, printLine } from './output.ts'
import { makingCommand, resumeCommand } from './run-command.ts'
import { shellWord } from './shell-word.ts'

export function resultsCommand(): Command {
  return new Command('results')
    .description('Write one page about several finished runs of one recipe: means, spread, curves.')
    .argument('<runs...>', 'folders of finished runs that differ in their seed')
    .option('--title <text>', 'title of the page (R1-Zero and its model)')
    .option('-o, --output <file>', 'the page; figures go beside it', 'results.md')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  r1 results runs/seed-1 runs/seed-2 runs/seed-3 --output docs/results/r1-zero.md',
    )
    .action(writeResults)
}

async function writeResults(
  folders: string[],
  { title, output, json }: { title?: string; output: string; json?: boolean },
): Promise<void> {
  const runs = await Promise.all(folders.map((folder) => readRunSummary(resolve(folder))))
  for (const [i, { folder, finished, info, results }] of runs.entries()) {
    if (runs.slice(0, i).some((other) => isSameFile(other.folder, folder)))
      throw new ConfigError('given twice: it would count as two seeds.', { field: folder })
    if (finished === undefined)
      throw new ConfigError('this run is not finished.', {
        field: folder,
        remedy: `Continue it: ${resumeCommand({ folder, info })}`,
      })
    if (info.recipe !== runs[0]!.info.recipe)
      throw new ConfigError('runs of different recipes do not make one page.', {
        field: folder,
        value: info.recipe,
      })
    if (results.base === undefined || results.trained === undefined)
      throw new ConfigError('this run has not measured its model before and after.', {
        field: folder,
        value: info.recipe,
        expected: 'a run of r1-zero',
      })
  }
  const commands = [
    ...(await Promise.all(runs.map(({ info }, i) => makingCommand({ folder: folders[i]!, info })))),
    `npx r1 results ${folders.map(shellWord).join(' ')}${title === undefined ? '' : ` --title ${shellWord(title)}`} --output ${shellWord(output)}`,
  ]
  const { markdown, figures } = resultsPage(title ?? titleOf(runs[0]!.info), runs, commands)
  const page = resolve(output)
  for (const [name, svg] of Object.entries(figures)) await replaceFile(join(dirname(page), name), svg)
  await replaceFile(page, markdown)
  if (json) printJson({ page, runs: folders })
  else printLine(page)
}

function titleOf({ config: { model } }: RunInfo): string {
  return `R1-Zero on ${model === 'pocket-base' ? 'the pocket base model' : basename(String(model))}`
}
