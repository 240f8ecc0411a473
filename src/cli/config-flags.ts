/** The flags that commands with settings share, and the layers they make. */
import { type Command, InvalidArgumentError } from 'commander'
import type * as z from 'zod'
import { ConfigError } from '../errors.ts'
import {
  fileLayer,
  flagLayer,
  type Layer,
  type Resolved,
  resolveConfig,
  setLayers,
} from '../settings/config.ts'
import { suggestion } from '../settings/nearest.ts'
import { isRecord, valueAt } from '../settings/schema.ts'

/** What a recipe offers to `r1 config` and `r1 train`: its settings and named sets of them, the usual one first. */
export interface Configurable<Schema extends z.ZodType = z.ZodType> {
  schema: Schema
  presets: Record<string, Record<string, unknown>>
  /** The setting that chooses one of several sections, and their names: the others are no part of a run. */
  choice?: { setting: string; sections: readonly string[] }
}

export interface ConfigFlags {
  preset?: string
  config?: string
  set: string[]
  seed?: number
}

/** `seed` is false for commands that have another way to name seeds. */
export function addConfigFlags(command: Command, { seed = true } = {}): Command {
  command
    .option('--preset <name>', 'named set of settings to start from')
    .option('--config <file>', "settings from a JSON file (comments are fine), or a run's config.json")
    .option('--set <key=value>', 'one setting; may be given several times', collect, [])
  return seed ? command.option('--seed <number>', 'seed of every random stream', wholeNumber) : command
}

export interface RunFlags {
  run?: string
  resume?: boolean
  json?: boolean
}

export function addRunFlags(command: Command): Command {
  return command
    .option('--run <folder>', 'folder of the run (default: a new one in runs/)')
    .option('--resume', 'continue with the run in --run from its newest checkpoint')
    .option('--json', 'print one JSON object at the end and nothing else')
}

/**
 * The settings that the flags ask for: preset < file < --set < --seed. A resumed run passes the settings it was
 * started with as `base`, in the preset's place, and has no other.
 */
export function resolveFlags<Schema extends z.ZodType>(
  { schema, presets, choice }: Configurable<Schema>,
  flags: ConfigFlags,
  base?: Layer,
): Resolved<z.output<Schema>> {
  if (base !== undefined && flags.preset !== undefined)
    throw new ConfigError('a run that continues has its settings already.', {
      field: 'preset',
      value: flags.preset,
      remedy: 'Change single ones with --set or --config, or start another run.',
    })
  const layers = [
    ...(base === undefined ? presetLayer(presets, flags.preset) : [base]),
    ...(flags.config === undefined ? [] : [settingsFile(flags.config)]),
    ...setLayers(schema, flags.set),
    ...(flags.seed === undefined ? [] : [flagLayer('--seed', 'seed', flags.seed)]),
  ]
  const resolved = resolveConfig(schema, layers)
  return choice === undefined ? resolved : chosen(resolved, choice)
}

/** Without the sections that nothing reads; throws where the user gave a setting of one. */
function chosen<T>({ config, sources }: Resolved<T>, { setting, sections }: Choice): Resolved<T> {
  const name = valueAt(config, [setting])
  const unread = sections.filter((section) => section !== name)
  const isUnread = (path: string) => unread.includes(path.split('.')[0]!)
  const given = Object.entries(sources).find(([path, source]) => isUnread(path) && isTheUsers(source))
  if (given !== undefined)
    throw new ConfigError(`nothing reads it where ${setting} is ${name}.`, {
      field: given[0],
      value: valueAt(config, given[0].split('.')),
      remedy: `Give the settings of the section ${name}, or another ${setting}.`,
    })
  const kept = <Value>(values: Record<string, Value>) =>
    Object.fromEntries(Object.entries(values).filter(([path]) => !isUnread(path)))
  return { config: kept(config as Record<string, unknown>) as T, sources: kept(sources) }
}

type Choice = NonNullable<Configurable['choice']>

const isTheUsers = (source: string) => source !== 'default' && !source.startsWith('preset ')

function presetLayer(presets: Configurable['presets'], asked: string | undefined): Layer[] {
  const names = Object.keys(presets)
  const name = asked ?? names[0]
  if (name === undefined) return []
  const values = Object.hasOwn(presets, name) ? presets[name] : undefined
  if (values === undefined)
    throw new ConfigError('there is no such preset.', {
      field: 'preset',
      value: name,
      expected: names.join(' or ') || 'none, this recipe has no presets',
      ...suggestion(name, names),
    })
  return [{ source: `preset ${name}`, values }]
}

/** A run's own config.json has its settings beside what else is known of it. */
function settingsFile(path: string): Layer {
  const { source, values } = fileLayer(path)
  const { recipe, config } = values
  return { source, values: typeof recipe === 'string' && isRecord(config) ? config : values }
}

/** A parser for options of whole numbers from 0. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Expected a whole number.')
  return value
}

/** A parser for options of whole numbers from `lowest`. */
export const wholeNumberFrom = (lowest: number) => (text: string) => {
  const value = wholeNumber(text)
  if (value < lowest) throw new InvalidArgumentError(`Expected a whole number of at least ${lowest}.`)
  return value
}

export const positiveNumber = wholeNumberFrom(1)

/** A parser for options of numbers in a range. */
export const numberFrom = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (text.trim() === '' || !(value >= low && value <= high))
    throw new InvalidArgumentError(`Expected a number from ${low} to ${high}.`)
  return value
}

/** A parser for options that may be given several times. */
export function collect(value: string, former: string[] = []): string[] {
  return [...former, value]
}
