/**
 * A mistake the user can mend: one sentence that names the place, the value and the remedy.
 * The CLI prints it without a stack and exits with 2; every other error is ours and exits with 1.
 */
export interface UserErrorDetails {
  /** What is wrong, e.g. `grpo.groupSize` or `data.jsonl:90311`. */
  field?: string
  value?: unknown
  /** What was expected in its place. */
  expected?: string
  /** What to do about it, as an imperative sentence. */
  remedy?: string
  cause?: unknown
}

export class UserError extends Error {
  readonly details: UserErrorDetails

  constructor(message: string, details: UserErrorDetails = {}) {
    super(sentence(message, details), details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.details = details
  }
}

/** A wrong flag, config file or combination of settings. */
export class ConfigError extends UserError {}
/** A malformed or missing data file; `field` is `file:line`. */
export class DataError extends UserError {}
/** A broken, truncated or foreign checkpoint. */
export class CheckpointError extends UserError {}
/** An engine that cannot do what was asked, or that failed. */
export class EngineError extends UserError {}
/** A judge gave no verdict. The same question is asked again where the same command runs again. */
export class JudgeError extends UserError {}
/** The sandbox for model-written code could not be started. */
export class SandboxError extends UserError {}

/** What the user's own code threw, with the line that did; a UserError stays as it is. */
export function thrownBy(field: string, thrown: unknown): UserError {
  if (thrown instanceof UserError) return thrown
  const frames = String((thrown as Error)?.stack).matchAll(/^\s+at .*?([^\s()]+:\d+):\d+\)?$/gm)
  const place = [...frames]
    .map(([, line]) => line!)
    .find((line) => /^(\/|file:|[a-z]:\\)(?!.*node_modules)/i.test(line))
  return new UserError(`it threw ${thrown}${place === undefined ? '' : ` at ${place}`}.`, {
    field,
    cause: thrown,
  })
}

function sentence(message: string, { field, value, expected, remedy }: UserErrorDetails): string {
  const place = field === undefined ? '' : `${field}${value === undefined ? '' : ` is ${show(value)}`}: `
  const wanted = expected === undefined ? '' : ` Expected ${expected}.`
  const advice = remedy === undefined ? '' : ` ${remedy}`
  return `${place}${message}${wanted}${advice}`
}

function show(value: unknown): string {
  let text: string
  try {
    text = JSON.stringify(value) ?? String(value)
  } catch {
    text = 'too deep or too large to show'
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
