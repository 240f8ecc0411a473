/**
 * Lists in request bodies. Zod looks at every item of a list and keeps every complaint, so a few megabytes of nonsense
 * cost it seconds and gigabytes. These lists look at their length first and stop after twenty complaints.
 */
import { z } from 'zod'

export interface Bounds {
  min?: number
  max: number
}

const MOST_COMPLAINTS = 20

export function listOf<Item extends z.ZodType>(item: Item, bounds: Bounds) {
  return z.unknown().transform((value, ctx): z.output<Item>[] => {
    if (!isListWithin(bounds, value, ctx.issues)) return z.NEVER
    const items: z.output<Item>[] = []
    for (const [i, one] of value.entries()) {
      const { data, error } = item.safeParse(one)
      items.push(data as z.output<Item>)
      for (const issue of error?.issues ?? [])
        ctx.issues.push({ ...issue, path: [i, ...issue.path], input: one } as z.core.$ZodRawIssue)
      if (ctx.issues.length >= MOST_COMPLAINTS) return z.NEVER
    }
    return items
  })
}

/** Whole numbers, a million of which are checked in milliseconds. */
export const integers = (least: number, most: number, bounds: Bounds) =>
  numbers('a whole number', Number.isInteger, least, most, bounds)

export const reals = (least: number, most: number, bounds: Bounds) =>
  numbers('a number', Number.isFinite, least, most, bounds)

function numbers(
  name: string,
  isOne: (value: unknown) => boolean,
  least: number,
  most: number,
  bounds: Bounds,
) {
  const fits = (value: unknown) => isOne(value) && (value as number) >= least && (value as number) <= most
  return z.unknown().transform((value, ctx): number[] => {
    if (!isListWithin(bounds, value, ctx.issues)) return z.NEVER
    const wrong = value.findIndex((one) => !fits(one))
    if (wrong < 0) return value as number[]
    const message = `Invalid input: expected ${name} from ${least} to ${most}`
    ctx.issues.push({ code: 'custom', path: [wrong], message, input: value[wrong] })
    return z.NEVER
  })
}

function isListWithin(
  { min = 0, max }: Bounds,
  value: unknown,
  issues: z.core.$ZodRawIssue[],
): value is unknown[] {
  const size = { origin: 'array', inclusive: true, input: value }
  if (!Array.isArray(value)) issues.push({ code: 'invalid_type', expected: 'array', input: value })
  else if (value.length < min) issues.push({ code: 'too_small', minimum: min, ...size })
  else if (value.length > max) issues.push({ code: 'too_big', maximum: max, ...size })
  return issues.length === 0
}
