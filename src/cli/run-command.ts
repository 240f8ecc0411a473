/** The commands that made a run and that continue with it, as pages and messages tell the user to type them. */
import { dirname } from 'node:path'
import { ConfigError } from '../errors.ts'
import { type Run, type RunInfo, readRunInfo, runStatus } from '../run/folder.ts'
import { valueAt } from '../settings/schema.ts'
import { loadRecipe } from './recipes.ts'
import { shellWord } from './shell-word.ts'

type RunInFolder = Pick<Run, 'folder' | 'info'>

export function resumeCommand(run: RunInFolder): string {
  const { folder, info } = startedRun(run)
  if (isOfAProgram(info)) return `train({ run: ${JSON.stringify(folder)}, resume: true, … }) in the program`
  return ['npx r1', ...resumeArgs(run).map(shellWord)].join(' ')
}

export const resumeCommandOf = (folder: string): string =>
  resumeCommand({ folder, info: readRunInfo(folder) })

/** The same for a process that starts r1. Throws for a run that only its program can continue. */
export function resumeArgs(run: RunInFolder): string[] {
  const { folder, info } = startedRun(run)
  if (isOfAProgram(info))
    throw new ConfigError('only the program that made this run can continue it.', { field: folder })
  return info.recipe === 'miniature' ? command(folder, info) : [...command(folder, info), '--resume']
}

export async function makingCommand(run: RunInFolder): Promise<string> {
  const { folder, info } = startedRun(run)
  if (isOfAProgram(info)) return `train({ seed: ${info.seed}, … }) in a program`
  const seed = info.recipe === 'miniature' ? [] : ['--seed', String(info.seed)]
  const own = [...command(folder, info), ...seed].map(shellWord)
  return ['npx r1', ...own, ...(await settingFlags(info))].join(' ')
}

/** A run that no command made, but `train()` in a program of the user's. */
const isOfAProgram = ({ recipe }: RunInfo) => recipe === 'train'

/**
 * The flags, ready for a shell, that give a run its settings; its seed is not among them. A preset that no setting came from is
 * the empty one.
 */
export async function settingFlags({ recipe, config, sources }: RunInfo): Promise<string[]> {
  const { presets } = await loadRecipe(recipe)
  const names = Object.keys(presets)
  const given = Object.entries(sources).filter(([path, source]) => path !== 'seed' && source !== 'default')
  const isPreset = (source: string) => source.startsWith('preset ')
  const preset =
    given
      .map(([, source]) => source)
      .find(isPreset)
      ?.slice('preset '.length) ?? names.find((name) => Object.keys(presets[name]!).length === 0)
  const files = new Set(
    given.map(([, source]) => source).filter((source) => !isPreset(source) && !source.startsWith('--')),
  )
  // A command takes one file.
  const file = files.size === 1 ? [...files][0] : undefined
  const set = given
    .filter(([, source]) => source !== file && !isPreset(source))
    .map(([path]) => {
      const value = valueAt(config, path.split('.'))
      return ['--set', `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`]
    })
  return [
    ...(preset === undefined || preset === names[0] ? [] : ['--preset', preset]),
    ...(file === undefined ? [] : ['--config', file]),
    ...set.flat(),
  ].map(shellWord)
}

/** What the user started: the pipeline where the run is one of its stages, which are in its folder. */
function startedRun(run: RunInFolder): RunInFolder {
  const folder = dirname(run.folder)
  return runStatus(folder) === 'broken' ? run : { folder, info: readRunInfo(folder) }
}

function command(folder: string, { recipe, seed }: RunInfo): string[] {
  if (recipe === 'miniature') return ['reproduce', '--run', dirname(folder), '--seeds', String(seed)]
  return [...(recipe === 'pretrain' ? [recipe] : ['train', recipe]), '--run', folder]
}
