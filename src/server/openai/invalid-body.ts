/** What is wrong with a body, as a 400 that names the field. */
import type { z } from 'zod'
import { ApiError } from './errors.ts'

type Issue = z.core.$ZodIssue

export function invalidBody({ issues }: z.ZodError): ApiError {
  const { path, message } = meant(issues[0]!)
  const param = path.map(String).join('.')
  const text = message.replace(/ expected \w+, received undefined$/, ' it is missing')
  return new ApiError(400, param === '' ? `The body: ${text}.` : `${param}: ${text}.`, { param })
}

/**
 * Of a field that may have several forms, what is wrong with the one that was meant: the one that fits furthest down,
 * then the one that lacks least. Where not even its type is one of theirs, what they are.
 */
function meant(issue: Issue): { path: PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const forms = issue.errors.map((issues) => ({
    ...meant(issues[0]!),
    first: issues[0]!,
    lacks: issues.length,
  }))
  const ofOtherType = forms.filter(({ path, first }) => path.length === 0 && first.code === 'invalid_type')
  if (ofOtherType.length === forms.length) {
    const types = new Set(ofOtherType.map(({ message }) => /expected (\w+)/.exec(message)?.[1]))
    return { path: issue.path, message: `Invalid input: expected ${[...types].join(' or ')}` }
  }
  const [nearest] = forms
    .filter((form) => !ofOtherType.includes(form))
    .sort((a, b) => b.path.length - a.path.length || a.lacks - b.lacks)
  return { path: [...issue.path, ...nearest!.path], message: nearest!.message }
}
