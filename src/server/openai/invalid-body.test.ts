import { expect, it } from 'vitest'
import type { z } from 'zod'
import { verlRequest } from '../rewards/shapes.ts'
import { invalidBody } from './invalid-body.ts'
import { chatRequest, completionRequest } from './requests.ts'

const chat = (content: unknown) => ({ model: 'm', messages: [{ role: 'user', content }] })
const completion = (prompt: unknown) => ({ model: 'm', prompt })

it.each<[z.ZodType, unknown, string]>([
  [chatRequest, [], 'The body: Invalid input: expected object, received array.'],
  [chatRequest, chat([{ type: 'image_url' }]), 'messages.0.content.0.type: Invalid input: expected "text".'],
  [chatRequest, chat(5), 'messages.0.content: Invalid input: expected string or array.'],
  [completionRequest, completion([]), 'prompt: Too small: expected array to have >=1 items.'],
  [completionRequest, completion(5), 'prompt: Invalid input: expected string or array.'],
  [
    completionRequest,
    completion([1, -1]),
    'prompt.1: Invalid input: expected a whole number from 0 to 2147483647.',
  ],
  [completionRequest, completion([[1], []]), 'prompt.1: Too small: expected array to have >=1 items.'],
  [verlRequest, { solution_str: 'a' }, 'ground_truth: Invalid input: it is missing.'],
  [
    verlRequest,
    { solution_strs: 'a', ground_truths: [] },
    'solution_strs: Invalid input: expected array, received string.',
  ],
])('of %#', (schema, body, message) => {
  expect(invalidBody(schema.safeParse(body).error!).message).toBe(message)
})
