/** A request's body, small and of a known shape. */
import type { Context } from 'hono'
import type { z } from 'zod'
import { UserError } from '../../errors.ts'

const LARGEST = 1 << 16

/** Throws a UserError for a body that the schema does not fit. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text()
  let value: unknown
  try {
    if (text.length <= LARGEST) value = JSON.parse(text)
  } catch {
    // What is no JSON fits no schema.
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new UserError(`${message}.`, { field: path.join('.') || 'body' })
}
