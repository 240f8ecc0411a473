/** `r1 fork <run>@<step> --set …`: what if? A run that continues from another's checkpoint with something changed. */

import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import { type R1ZeroConfig, r1ZeroConfig } from '../recipes/r1-zero.ts'
import { newRunFolder, openRun, readRunInfo } from '../run/folder.ts'
import { checkpointAt, forkRun } from '../run/fork.ts'
import { packageVersion } from '../run/version.ts'
import { addConfigFlags, type ConfigFlags, resolveFlags } from './config-flags.ts'
import { checkR1Zero } from './open-r1-zero.ts'
import { printLine } from './output.ts'
import { loadRecipe } from './recipes.ts'
import { trainInto } from './train-r1-zero.ts'

interface ForkFlags extends ConfigFlags {
  run?: string
  json?: boolean
}

export function forkCommand(): Command {
  const command = new Command('fork')
    .description(
      "Continue from a run's checkpoint with another setting, reward or seed, as a run of its own. Without a change it repeats the run.",
    )
    .argument('<run[@step]>', "the run's folder, and the step of one of its checkpoints (its newest)")
    .option('--run <folder>', 'folder of the new run (default: a new one in runs/)')
    .option('--json', 'print one JSON object at the end and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  r1 fork runs/two@320 --set grpo.learningRate=5e-5
  r1 fork runs/two@320 --seed 3
  r1 fork runs/two@320 --set rewards.file=./short.ts --run runs/short
  r1 diff runs/two runs/short`,
    )
  return addConfigFlags(command).action(fork)
}

async function fork(place: string, flags: ForkFlags): Promise<void> {
  const { from, step } = parsePlace(place)
  const former = readRunInfo(from)
  if (former.recipe !== 'r1-zero')
    throw new ConfigError('only runs of r1-zero are forked.', { field: from, value: former.recipe })
  const configurable = await loadRecipe('r1-zero')
  const base = { source: 'the run', values: former.config }
  const { config, sources } = resolveFlags(configurable, flags, base)
  const settings: R1ZeroConfig = r1ZeroConfig.parse(config)
  // With settings that are newer than the run at their defaults.
  const kept = r1ZeroConfig.parse(former.config)
  for (const field of ['model', 'lora', 'algorithm'] as const)
    if (!isDeepStrictEqual(settings[field], kept[field]))
      throw new ConfigError(`a checkpoint keeps its ${field}.`, {
        field,
        value: settings[field],
        expected: `${JSON.stringify(kept[field])}, that of ${from}`,
      })
  await checkR1Zero(settings)
  const checkpoint = await checkpointAt(from, step)
  const folder = resolve(flags.run ?? newRunFolder('runs', 'r1-zero', settings.seed, new Date()))
  await forkRun(from, checkpoint, folder, {
    recipe: 'r1-zero',
    version: packageVersion(),
    seed: settings.seed,
    created: new Date().toISOString(),
    config: config as Record<string, unknown>,
    sources: Object.fromEntries(
      Object.entries(sources).map(([path, source]) => [
        path,
        source === base.source ? (former.sources[path] ?? source) : source,
      ]),
    ),
    fork: { run: resolve(from), step: checkpoint.step },
  })
  const run = await openRun(folder)
  const { checkpoint: own } = await run.resume()
  if (!flags.json) printLine(`A fork of ${from} at step ${checkpoint.step}; everything goes to ${folder}.\n`)
  await trainInto(run, own, settings, { ...flags, resume: true })
}

/** A folder whose own name holds an @ is one all the same. */
function parsePlace(place: string): { from: string; step: number | undefined } {
  const match = /^(.*)@(\d+)$/.exec(place)
  return match === null ? { from: place, step: undefined } : { from: match[1]!, step: Number(match[2]) }
}
