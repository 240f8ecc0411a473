import { expect, it } from 'vitest'
import { z } from 'zod'
import { integers, listOf } from './bounded-list.ts'

const complaints = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

const named = z.object({ items: listOf(z.object({ n: z.int() }), { min: 1, max: 100 }) })
const numbers = z.object({ items: integers(0, 9, { max: 1_000_000 }).nullish() })

it('takes what fits', () => {
  expect(named.parse({ items: [{ n: 1 }] })).toEqual({ items: [{ n: 1 }] })
  expect(numbers.parse({ items: [0, 9] })).toEqual({ items: [0, 9] })
  expect(numbers.parse({})).toEqual({})
})

it.each<[z.ZodType, unknown, string]>([
  [named, {}, 'items: Invalid input: expected array, received undefined'],
  [named, { items: 'x' }, 'items: Invalid input: expected array, received string'],
  [named, { items: [] }, 'items: Too small: expected array to have >=1 items'],
  [named, { items: Array(101).fill({ n: 1 }) }, 'items: Too big: expected array to have <=100 items'],
  [named, { items: [{ n: 1 }, { n: 'x' }] }, 'items.1.n: Invalid input: expected number, received string'],
  [numbers, { items: [1, 6.5] }, 'items.1: Invalid input: expected a whole number from 0 to 9'],
  [numbers, { items: [-1] }, 'items.0: Invalid input: expected a whole number from 0 to 9'],
  [numbers, { items: ['1'] }, 'items.0: Invalid input: expected a whole number from 0 to 9'],
])('of %#', (schema, value, first) => {
  expect(complaints(schema, value)?.[0]).toBe(first)
})

it('looks at no item after the twentieth complaint, and at none of a list that is too long', () => {
  let looked = 0
  const item = z.custom(() => {
    looked++
    return false
  })
  expect(complaints(listOf(item, { max: 2_000_000 }), Array(2_000_000).fill(0))).toHaveLength(20)
  expect(looked).toBe(20)
  expect(complaints(listOf(item, { max: 10 }), Array(2_000_000).fill(0))).toHaveLength(1)
  expect(looked).toBe(20)
})
