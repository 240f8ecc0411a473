/**
 * A run's folder for a training command: a new one with its settings, or an old one at its newest checkpoint, whose settings
 * are from then on what the flags made of them.
 */
import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from '../errors.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { createRun, newRunFolder, openRun, type Run, readFinished, readRunInfo } from '../run/folder.ts'
import { packageVersion } from '../run/version.ts'
import { valueAt } from '../settings/schema.ts'
import { type ConfigFlags, type RunFlags, resolveFlags } from './config-flags.ts'
import { printNote } from './output.ts'
import { loadRecipe } from './recipes.ts'

export interface OpenedRun {
  run: Run
  resume: Checkpoint | undefined
  /** Valid for the recipe's schema. */
  config: Record<string, unknown>
}

/** Throws for settings that cannot work; `former` are the settings that a resumed run had. */
type Check = (config: unknown, former?: unknown) => Promise<void>

/** `check` is asked before anything is written. `reopen`: a finished run may be resumed, too. */
export async function openOrCreateRun(
  recipe: string,
  flags: ConfigFlags & RunFlags & { reopen?: boolean },
  check: Check = async () => {},
): Promise<OpenedRun> {
  const configurable = await loadRecipe(recipe)
  if (flags.resume) return await resumeRun(recipe, flags, configurable, check)
  const { config, sources } = resolveFlags(configurable, flags)
  const values = config as Record<string, unknown>
  await check(config)
  const seed = Number(values.seed)
  const folder = resolve(flags.run ?? newRunFolder('runs', recipe, seed, new Date()))
  const info = {
    recipe,
    version: packageVersion(),
    seed,
    created: new Date().toISOString(),
    config: values,
    sources,
  }
  return { run: await createRun(folder, info), resume: undefined, config: values }
}

async function resumeRun(
  recipe: string,
  flags: ConfigFlags & RunFlags & { reopen?: boolean },
  configurable: Awaited<ReturnType<typeof loadRecipe>>,
  check: Check,
): Promise<OpenedRun> {
  if (flags.run === undefined)
    throw new ConfigError('which run?', { field: '--resume', remedy: 'Name its folder with --run.' })
  const folder = resolve(flags.run)
  const former = readRunInfo(folder)
  if (former.recipe !== recipe)
    throw new ConfigError('this run is of another recipe.', {
      field: flags.run,
      value: former.recipe,
      expected: recipe,
    })
  if (!flags.reopen && readFinished(folder) !== undefined)
    throw new ConfigError('this run is finished.', {
      field: flags.run,
      remedy: 'Start another one with a --run folder of its own.',
    })
  const base = { source: 'the run', values: former.config }
  const resolved = resolveFlags(configurable, flags, base)
  const config = resolved.config as Record<string, unknown>
  const before = resolveFlags(configurable, { set: [] }, base).config as Record<string, unknown>
  // What every draw and every checkpoint depends on.
  for (const field of ['seed', 'lora', 'algorithm'])
    if (!isDeepStrictEqual(config[field], before[field]))
      throw new ConfigError(`a run keeps its ${field}.`, {
        field,
        value: config[field],
        expected: `${JSON.stringify(before[field])}, that of ${flags.run}`,
      })
  await check(config, before)
  for (const path of Object.keys(resolved.sources)) {
    const [was, is] = [before, config].map((values) => valueAt(values, path.split('.')))
    if (!isDeepStrictEqual(was, is))
      printNote(`${path} changes from ${JSON.stringify(was)} to ${JSON.stringify(is)}.`)
  }
  const sources = Object.entries(resolved.sources).map(([path, source]) => [
    path,
    source === base.source ? (former.sources[path] ?? source) : source,
  ])
  const run = await openRun(folder, { config, sources: Object.fromEntries(sources) })
  const { checkpoint, skipped } = await run.resume()
  for (const { message } of skipped) printNote(`Passed over a checkpoint: ${message}`)
  return { run, resume: checkpoint, config }
}
