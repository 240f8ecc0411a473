/**
 * A run's settings: schema default < preset < `--config file` < `--set key=value` < flags, each value with the
 * place it came from. Schemas are `z.strictObject`s with a default and a description for every field.
 */
import { readFileSync } from 'node:fs'
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import * as z from 'zod'
import { ConfigError } from '../errors.ts'
import { configError } from './config-errors.ts'
import { description, fieldAt, isRecord, settingPaths, unwrap, valueAt, withGroups } from './schema.ts'

/** Settings from one place; later layers win. */
export interface Layer {
  /** Shown to the user: `preset pocket`, `run.json`, `--set`, `--seed`. */
  source: string
  values: Record<string, unknown>
}

export interface Resolved<Config> {
  config: Config
  /** Dotted path -> where the value came from; `default` for the schema's own. */
  sources: Record<string, string>
}

export interface Setting {
  path: string
  value: unknown
  source: string
  description: string
}

/** Merges the layers and checks the result; throws a ConfigError that names every wrong setting. */
export function resolveConfig<Schema extends z.ZodType>(
  schema: Schema,
  layers: readonly Layer[],
): Resolved<z.output<Schema>> {
  const origins = new Map<string, string>()
  let merged: Record<string, unknown> = {}
  for (const { source, values } of layers) merged = merge(merged, values, source, origins, '')
  const result = schema.safeParse(withGroups(schema, merged), { reportInput: true })
  if (!result.success)
    throw configError(schema, result.error.issues, {
      origin: (path) => originOf(origins, path),
      former: (path) => formerValue(layers, path.split('.')),
    })
  const sources = Object.fromEntries(
    leaves(result.data).map(([path]) => [path, originOf(origins, path) ?? 'default']),
  )
  return { config: result.data, sources }
}

/** What a setting would be without the layer that gives it now; undefined where the schema says. */
function formerValue(layers: readonly Layer[], path: readonly string[]): unknown {
  const given = layers.map(({ values }) => valueAt(values, path)).filter((value) => value !== undefined)
  return given.at(-2)
}

/** What `r1 config` prints: every setting with its value, where it came from and what it means. */
export function settings(schema: z.ZodType, { config, sources }: Resolved<unknown>): Setting[] {
  const values = new Map(leaves(config))
  const paths = new Set([...settingPaths(schema), ...values.keys()])
  return [...paths].map((path) => ({
    path,
    value: values.get(path),
    source: sources[path] ?? 'default',
    description: description(fieldAt(schema, path.split('.')) ?? z.never()),
  }))
}

/** A `--config` file: JSON with comments and trailing commas. */
export function fileLayer(path: string): Layer {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError('the config file cannot be read.', {
      field: path,
      remedy: 'Give --config the path of a JSON file.',
      cause,
    })
  }
  const errors: ParseError[] = []
  const values: unknown = parse(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true })
  const [error] = errors
  if (error !== undefined) {
    const before = text.slice(0, error.offset).split('\n')
    throw new ConfigError(`not JSON (${words(printParseErrorCode(error.error))}).`, {
      field: `${path}:${before.length}:${before.at(-1)!.length + 1}`,
      remedy: 'Mend the file there; comments and trailing commas are fine.',
    })
  }
  if (!isRecord(values))
    throw new ConfigError('the config file holds no settings.', {
      field: path,
      expected: 'an object such as { "seed": 1 }',
    })
  return { source: path, values }
}

/** One layer for each `--set key=value`; the value is JSON where it parses as JSON, else a string. */
export function setLayers(schema: z.ZodType, assignments: readonly string[]): Layer[] {
  return assignments.map((assignment) => {
    const equals = assignment.indexOf('=')
    const path = assignment.slice(0, Math.max(0, equals)).trim().split('.')
    if (equals < 0 || path.includes(''))
      throw new ConfigError(`cannot read --set ${assignment}.`, {
        expected: 'key=value, such as --set grpo.groupSize=8',
      })
    const text = assignment.slice(equals + 1)
    const field = fieldAt(schema, path)
    const value = field !== undefined && unwrap(field) instanceof z.ZodString ? unquoted(text) : json(text)
    return { source: '--set', values: nested(path, value) }
  })
}

/** `{ seed: 1 }` from the path `seed`, for flags that are short for a setting. */
export function flagLayer(flag: string, path: string, value: unknown): Layer {
  return { source: flag, values: nested(path.split('.'), value) }
}

function nested(path: readonly string[], value: unknown): Record<string, unknown> {
  const [key, ...rest] = path
  return { [key!]: rest.length === 0 ? value : nested(rest, value) }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function unquoted(text: string): string {
  const value = json(text)
  return typeof value === 'string' ? value : text
}

/** Objects merge key by key; every other value, arrays too, replaces what was there. */
function merge(
  below: Record<string, unknown>,
  above: Record<string, unknown>,
  source: string,
  origins: Map<string, string>,
  prefix: string,
): Record<string, unknown> {
  let merged = below
  for (const [key, value] of Object.entries(above)) {
    const path = prefix + key
    const former = Object.hasOwn(merged, key) ? merged[key] : undefined
    if (isRecord(value)) {
      const inner = merge(isRecord(former) ? former : {}, value, source, origins, `${path}.`)
      merged = { ...merged, [key]: inner }
      continue
    }
    for (const known of origins.keys()) if (known.startsWith(`${path}.`)) origins.delete(known)
    origins.set(path, source)
    merged = { ...merged, [key]: value }
  }
  return merged
}

function originOf(origins: ReadonlyMap<string, string>, path: string): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const source = origins.get(path.slice(0, end))
    if (source !== undefined) return source
  }
  return undefined
}

function leaves(value: unknown, prefix = ''): [string, unknown][] {
  if (!isRecord(value)) return prefix === '' ? [] : [[prefix.slice(0, -1), value]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${prefix}${key}.`))
}

function words(camelCase: string): string {
  return camelCase.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}
