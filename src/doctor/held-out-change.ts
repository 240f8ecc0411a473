/** Accuracy on held-out questions, from the first evaluation to the newest. */
import type { Change, Course } from './course.ts'

/** The first evaluation and the newest; a share of n questions has a standard error of at most √(p(1 − p)/n). */
export function heldOutChange({ evaluations }: Course): Change | undefined {
  const [a, b] = [evaluations[0], evaluations.at(-1)]
  if (a?.pass1 === undefined || b?.pass1 === undefined || a === b) return undefined
  const squared = ({ pass1 = 0, n = 1 }: Record<string, number>) => (pass1 * (1 - pass1)) / n
  const error = Math.sqrt(squared(a) + squared(b))
  const rise = b.pass1 - a.pass1
  return { first: a.pass1, now: b.pass1, rises: rise > 2 * error, falls: -rise > 2 * error }
}
