/** Turns zod's issues into sentences that name the setting, its value and origin, what was expected and the remedy. */
import * as z from 'zod'
import { ConfigError, type UserErrorDetails } from '../errors.ts'
import { nearest } from './nearest.ts'
import { ourName } from './other-names.ts'
import { defaultOf, fieldAt, fields, isRecord, settingPaths } from './schema.ts'

type Issue = z.core.$ZodIssue
type Origin = (path: string) => string | undefined

/** What is known of a setting by its path. */
interface Layered {
  /** Where its value came from. */
  origin: Origin
  /** What it would be without that; undefined where only the schema says. */
  former: (path: string) => unknown
}

/** One ConfigError for all issues, one sentence a line. */
export function configError(schema: z.ZodType, issues: readonly Issue[], layered: Layered): ConfigError {
  const errors = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownSetting(schema, [...issue.path, key], issue, layered.origin))
      : [wrongSetting(schema, issue, layered)],
  )
  return errors.length === 1 ? errors[0]! : new ConfigError(errors.map((error) => error.message).join('\n'))
}

function unknownSetting(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  issue: Issue,
  origin: Origin,
): ConfigError {
  const parent = path.slice(0, -1).map(String)
  const key = String(path.at(-1))
  const siblings = Object.keys(fields(fieldAt(schema, parent) ?? z.never()) ?? {})
  const name = [...parent, key].join('.')
  const all = settingPaths(schema)
  const sibling = nearest(key, siblings)
  const value = isRecord(issue.input) ? issue.input[key] : undefined
  const meant =
    ourName(firstLeaf(name.split('.'), value), all) ??
    (sibling !== undefined
      ? [...parent, sibling].join('.')
      : (all.find((known) => known.endsWith(`.${key}`)) ?? nearest(name, all)))
  return new ConfigError(`there is no such setting${from(firstOrigin(name, value, origin))}.`, {
    field: name,
    remedy:
      meant !== undefined
        ? `Did you mean ${meant}?`
        : `Known here: ${(siblings.length ? siblings : all).join(', ')}.`,
  })
}

/** The path of the first value in a group. */
function firstLeaf(path: readonly string[], value: unknown): readonly string[] {
  const [key] = isRecord(value) ? Object.keys(value) : []
  return key === undefined ? path : firstLeaf([...path, key], (value as Record<string, unknown>)[key])
}

/** A group has no origin of its own: that of the first value in it will do. */
function firstOrigin(path: string, value: unknown, origin: Origin): string | undefined {
  const known = origin(path)
  if (known !== undefined || !isRecord(value)) return known
  const [key] = Object.keys(value)
  return key === undefined ? undefined : firstOrigin(`${path}.${key}`, value[key], origin)
}

function wrongSetting(schema: z.ZodType, issue: Issue, { origin, former }: Layered): ConfigError {
  const path = issue.path.map(String).join('.')
  const field = fieldAt(schema, issue.path)
  const details: UserErrorDetails = { field: path || 'config', expected: expected(issue) }
  if (issue.input !== undefined) details.value = issue.input
  const usual = former(path) ?? (field && defaultOf(field))
  const known = issue.code === 'invalid_value' ? issue.values.map(String) : []
  const meant = typeof issue.input === 'string' ? nearest(issue.input, known) : undefined
  const named = isRecord(issue.input)
    ? ourName(firstLeaf(path.split('.'), issue.input), settingPaths(schema))
    : undefined
  if (named !== undefined) details.remedy = `Did you mean ${named}?`
  else if (meant !== undefined) details.remedy = `Did you mean ${JSON.stringify(meant)}?`
  else if (usual !== undefined) details.remedy = `The default is --set ${path}=${asArgument(usual)}.`
  else if (issue.input === undefined)
    details.remedy = `Give it with --set ${path}=VALUE or in the --config file.`
  const what = issue.input === undefined ? 'this setting is missing' : problem(issue)
  return new ConfigError(`${what}${from(origin(path))}.`, details)
}

function from(source: string | undefined): string {
  return source === undefined ? '' : ` (from ${source})`
}

function problem(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'wrong type'
    case 'too_small':
      return 'too small'
    case 'too_big':
      return 'too big'
    case 'invalid_value':
      return 'unknown choice'
    default:
      return 'not accepted'
  }
}

/** The schema author's own words where there are any, else a phrase made from the issue. */
function expected(issue: Issue): string {
  const standard = z.locales.en().localeError(issue as z.core.$ZodRawIssue)
  if (issue.message && issue.message !== (typeof standard === 'string' ? standard : standard?.message))
    return issue.message.replace(/\.$/, '')
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `a value of type ${issue.expected}`
    case 'invalid_value':
      return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'too_small':
      return limit(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum)
    case 'too_big':
      return limit(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum)
    case 'invalid_union':
      return [...new Set(issue.errors.flat().map((inner) => expectedWithin(withMessage(inner))))].join(' or ')
    default:
      return issue.message
  }
}

/** Where what is wrong is inside a group, that is named. */
function expectedWithin(issue: Issue): string {
  const place = issue.path.map(String).join('.')
  return place === '' ? expected(issue) : `a group whose ${place} is ${expected(issue)}`
}

/** Issues inside a union come without a final message. */
function withMessage(issue: Issue): Issue {
  return { ...issue, message: issue.message ?? '' }
}

const TYPES: Record<string, string> = {
  number: 'a number',
  int: 'an integer',
  string: 'a string',
  boolean: 'true or false',
  array: 'an array such as [1, 2]',
  object: 'a group of settings ({ … })',
  null: 'null',
}

function limit(origin: string, comparison: string, bound: number | bigint): string {
  const plural = Number(bound) === 1 ? '' : 's'
  if (origin === 'string') return `${comparison} ${bound} character${plural}`
  if (origin === 'array' || origin === 'set') return `${comparison} ${bound} item${plural}`
  return `${origin === 'int' ? 'an integer of' : 'a number of'} ${comparison} ${bound}`
}

function asArgument(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[\s"'{}[\]*?$]/.test(text) ? `'${text}'` : text
}
