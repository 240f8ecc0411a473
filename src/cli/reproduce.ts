/** `r1 reproduce`: the paper in miniature over several seeds, and the page about it. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { replaceFile } from '../disk/replace-file.ts'
import { distillColumns } from '../recipes/distill.ts'
import { miniatureConfig } from '../recipes/miniature.ts'
import { miniaturePage } from '../report/miniature-page.ts'
import { readFinished, readRunInfo } from '../run/folder.ts'
import { addConfigFlags, type ConfigFlags } from './config-flags.ts'
import { printJson, printLine } from './output.ts'
import { shellWord } from './shell-word.ts'
import { printModels, runStages, type StageFlags } from './train-pipeline.ts'

type ReproduceFlags = Omit<ConfigFlags, 'seed'> &
  StageFlags & { seeds: number[]; run: string; output?: string; json?: boolean }

const RUNS = 'runs/miniature'

export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description(
      'The paper in miniature: every stage, every comparison, every claim with its verdict. Goes on where it was stopped.',
    )
    .option('--seeds <list>', 'seeds, parted by commas', seedList, [1, 2, 3])
    .option('--run <folder>', 'folder of the runs, one a seed', RUNS)
    .option('--output <folder>', 'where the page and its figures go (default: the folder of the runs)')
    .option('--only <stage>', 'run this stage anew in each seed and no other')
    .option('--from <stage>', 'run this stage and all after it anew in each seed')
    .option('--json', 'print one JSON object at the end and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  r1 reproduce
  r1 reproduce --seeds 1
  r1 reproduce --seeds 1,2,3 --output docs/results
  r1 reproduce --from dev2 --seeds 1`,
    )
  return addConfigFlags(command, { seed: false }).action(reproduce)
}

async function reproduce(flags: ReproduceFlags): Promise<void> {
  const root = resolve(flags.run)
  const anew = flags.only !== undefined || flags.from !== undefined
  const folders = flags.seeds.map((seed) => join(root, `seed-${seed}`))
  for (const [i, seed] of flags.seeds.entries()) {
    const run = folders[i]!
    if (readFinished(run) !== undefined && !anew) continue
    if (!flags.json) printLine(`Seed ${seed}`)
    const done = await runStages('miniature', {
      ...flags,
      run,
      seed,
      resume: existsSync(join(run, 'config.json')),
      again: commandOf(flags),
    })
    if (done !== undefined && !flags.json) await printModels(done)
  }
  const { distill } = miniatureConfig.parse(readRunInfo(folders[0]!).config)
  const { markdown, figures } = await miniaturePage(folders, distillColumns(distill), [commandOf(flags)])
  const output = resolve(flags.output ?? root)
  const page = join(output, 'paper-in-miniature.md')
  for (const [name, svg] of Object.entries(figures)) await replaceFile(join(output, name), svg)
  await replaceFile(page, markdown)
  if (flags.json) printJson({ page, runs: folders })
  else printLine(`\nPage ${page}`)
}

/** The same again, without what is to be run anew. */
function commandOf({ preset, config, set, run, seeds, output }: ReproduceFlags): string {
  const given: [string, string | undefined][] = [
    ['--preset', preset],
    ['--config', config],
    ...set.map((assignment): [string, string] => ['--set', assignment]),
    ['--run', run === RUNS ? undefined : run],
    ['--seeds', seeds.join()],
    ['--output', output],
  ]
  const words = given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, shellWord(value)]))
  return ['npx r1 reproduce', ...words].join(' ')
}

function seedList(text: string): number[] {
  const seeds = text.split(',').map((part) => Number(part.trim()))
  if (!seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0) || new Set(seeds).size < seeds.length)
    throw new InvalidArgumentError('Expected different whole numbers, parted by commas.')
  return seeds
}
