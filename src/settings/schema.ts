/** Walks a zod schema of settings: which keys exist, what a field's default and description are. */
import * as z from 'zod'

type Schema = z.core.$ZodType

/** The schema inside `.default()`, `.optional()`, `.nullable()`, `.readonly()` and their like. */
export function unwrap(schema: Schema): Schema {
  const { def } = schema._zod as { def: { innerType?: Schema } }
  return def.innerType === undefined ? schema : unwrap(def.innerType)
}

/** The fields of an object schema, wrapped or not; undefined for every other kind. */
export function fields(schema: Schema): Record<string, Schema> | undefined {
  const inner = unwrap(schema)
  return inner instanceof z.ZodObject ? inner.shape : undefined
}

/** The schema of `grpo.groupSize`, or undefined where there is no such setting. */
export function fieldAt(schema: Schema, path: readonly PropertyKey[]): Schema | undefined {
  const [key, ...rest] = path
  if (key === undefined) return schema
  const shape = fields(schema)
  const field = shape !== undefined && Object.hasOwn(shape, key) ? shape[String(key)] : undefined
  return field && fieldAt(field, rest)
}

/** Every setting as a dotted path, in the order of the schema. */
export function settingPaths(schema: Schema, prefix = ''): string[] {
  return Object.entries(fields(schema) ?? {}).flatMap(([key, field]) =>
    fields(field) === undefined ? [prefix + key] : settingPaths(field, `${prefix}${key}.`),
  )
}

/** What `.describe()` says, on the field itself or inside its wrappers. */
export function description(schema: Schema): string {
  const { def } = schema._zod as { def: { innerType?: Schema } }
  return z.globalRegistry.get(schema)?.description ?? (def.innerType ? description(def.innerType) : '')
}

export function defaultOf(schema: Schema): unknown {
  const { def } = schema._zod as { def: { innerType?: Schema; defaultValue?: unknown } }
  return 'defaultValue' in def ? def.defaultValue : def.innerType && defaultOf(def.innerType)
}

/** `value` with `{}` for each group of settings left out, so that a group's fields fall back to their own defaults. */
export function withGroups(schema: Schema, value: unknown): unknown {
  const shape = fields(schema)
  if (shape === undefined || !isRecord(value)) return value
  const filled = Object.entries(shape).flatMap(([key, field]) => {
    const inner = Object.hasOwn(value, key) ? value[key] : undefined
    if (inner === undefined) return field instanceof z.ZodObject ? [[key, withGroups(field, {})]] : []
    return [[key, withGroups(field, inner)]]
  })
  return { ...value, ...Object.fromEntries(filled) }
}

/** Undefined where there is nothing at the path. */
export const valueAt = (config: unknown, path: readonly string[]): unknown =>
  path.reduce((value, key) => (isRecord(value) ? value[key] : undefined), config)

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
