/** `r1 reproduce`: the paper in miniature over several seeds, and the page about it. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Command, InvalidArgumentError, Option } from 'commander'
import { replaceFile } from '../disk/replace-file.ts'
import { ConfigError } from '../errors.ts'
import { distillColumns } from '../recipes/distill.ts'
import { miniatureConfig, miniaturePresets } from '../recipes/miniature.ts'
import { miniaturePage } from '../report/miniature-page.ts'
import { readFinished, readRunInfo } from '../run/folder.ts'
import { valueAt } from '../settings/schema.ts'
import { addConfigFlags, type ConfigFlags, resolveFlags } from './config-flags.ts'
import { printJson, printLine } from './output.ts'
import { settingFlags } from './run-command.ts'
import { shellWord } from './shell-word.ts'
import { printModels, runStages, type StageFlags } from './train-pipeline.ts'

type ReproduceFlags = Omit<ConfigFlags, 'seed'> &
  StageFlags & { seeds: number[]; run?: string; size?: string; output?: string; json?: boolean }

const RUNS = 'runs/miniature'

export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description(
      'The paper in miniature: every stage, every comparison, every claim with its verdict. Continues where it stopped.',
    )
    .option('--seeds <list>', 'seeds, separated by commas', seedList, [1, 2, 3])
    .addOption(
      new Option(
        '--size <name>',
        'the same as --preset: pocket, or tiny, which rehearses it in minutes',
      ).conflicts('preset'),
    )
    .option('--run <folder>', `folder of the runs, one a seed (default: ${RUNS}; ${RUNS}-tiny of that size)`)
    .option('--output <folder>', 'where the page and its figures go (default: the folder of the runs)')
    .addOption(
      new Option('--only <stage>', 'run this stage again in each seed and no other').conflicts('from'),
    )
    .option('--from <stage>', 'run this stage and all after it again in each seed')
    .option('--json', 'print one JSON object at the end and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  r1 reproduce
  r1 reproduce --seeds 1
  r1 reproduce --seeds 1 --size tiny
  r1 reproduce --seeds 1,2,3 --output docs/results
  r1 reproduce --from dev2 --seeds 1`,
    )
  return addConfigFlags(command, { seed: false }).action(({ size, ...given }: ReproduceFlags) => {
    const flags = { ...given, ...(size !== undefined && { preset: size }) }
    return reproduce({ ...flags, run: flags.run ?? defaultRun(flags.preset) })
  })
}

/** A rehearsal is not to stand where the runs belong. */
const defaultRun = (preset: string | undefined) => (preset === 'tiny' ? `${RUNS}-tiny` : RUNS)

type Given = ReproduceFlags & { run: string }

async function reproduce(flags: Given): Promise<void> {
  const root = resolve(flags.run)
  const rerun = flags.only !== undefined || flags.from !== undefined
  const folders = flags.seeds.map((seed) => join(root, `seed-${seed}`))
  const isBegun = (run: string) => existsSync(join(run, 'config.json'))
  if (!rerun) for (const run of folders.filter(isBegun)) refuseOtherSettings(run, flags)
  const { preset: _, config: __, ...unchanged } = { ...flags, set: [] }
  const again = command(givenSettings(flags), flags.seeds, flags)
  for (const [i, seed] of flags.seeds.entries()) {
    const run = folders[i]!
    if (readFinished(run) !== undefined && !rerun) continue
    if (!flags.json) printLine(`Seed ${seed}`)
    const resume = isBegun(run)
    const given = resume && !rerun ? unchanged : flags
    const done = await runStages('miniature', { ...given, run, seed, resume, again })
    if (done.left.length === 0 && !flags.json) await printModels(done)
  }
  const { distill } = miniatureConfig.parse(readRunInfo(folders[0]!).config)
  const commands = await makingCommands(folders, flags)
  const { markdown, figures } = await miniaturePage(folders, distillColumns(distill), commands)
  const output = resolve(flags.output ?? root)
  const page = join(output, 'paper-in-miniature.md')
  for (const [name, svg] of Object.entries(figures)) await replaceFile(join(output, name), svg)
  await replaceFile(page, markdown)
  if (flags.json) printJson({ page, runs: folders })
  else printLine(`\nPage ${page}`)
}

/** A seed that is begun keeps its settings: others would be said of it on the page, and never have been. */
function refuseOtherSettings(folder: string, flags: ReproduceFlags): void {
  const { config, sources } = resolveFlags({ schema: miniatureConfig, presets: miniaturePresets }, flags)
  const begun = readRunInfo(folder).config
  for (const [path, source] of Object.entries(sources)) {
    if (source === 'default' || source.startsWith('preset ')) continue
    const [value, kept] = [config, begun].map((settings) => valueAt(settings, path.split('.')))
    if (!isDeepStrictEqual(value, kept))
      throw new ConfigError('this seed was begun with another.', {
        field: path,
        value,
        expected: `${JSON.stringify(kept)}, that of ${folder}`,
        remedy: 'Leave the setting out, or name another folder with --run.',
      })
  }
}

/** One for all seeds where their settings are the same. */
async function makingCommands(folders: readonly string[], flags: Given): Promise<string[]> {
  const seedsOf = new Map<string, number[]>()
  for (const info of folders.map(readRunInfo)) {
    const settings = (await settingFlags(info)).join(' ')
    seedsOf.set(settings, [...(seedsOf.get(settings) ?? []), info.seed])
  }
  return [...seedsOf].map(([settings, seeds]) => command(settings, seeds, flags))
}

function givenSettings({ preset, config, set }: ReproduceFlags): string {
  const given = [
    ...(preset === undefined ? [] : ['--preset', preset]),
    ...(config === undefined ? [] : ['--config', config]),
    ...set.flatMap((assignment) => ['--set', assignment]),
  ]
  return given.map(shellWord).join(' ')
}

/** Without what is to be run again. */
function command(settings: string, seeds: readonly number[], { run, preset, output }: Given): string {
  return [
    'npx r1 reproduce',
    ...(settings === '' ? [] : [settings]),
    ...(run === defaultRun(preset) ? [] : [`--run ${shellWord(run)}`]),
    `--seeds ${seeds.join()}`,
    ...(output === undefined ? [] : [`--output ${shellWord(output)}`]),
  ].join(' ')
}

function seedList(text: string): number[] {
  const seeds = text.split(',').map((part) => Number(part.trim()))
  if (!seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0) || new Set(seeds).size < seeds.length)
    throw new InvalidArgumentError('Expected different whole numbers, separated by commas.')
  return seeds
}
