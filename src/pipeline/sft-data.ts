/**
 * Examples for supervised fine-tuning from data files: rows of `prompt` and `response`, or of `messages` that end with
 * the assistant's. Responses are taken word for word, thinking and leading white space included.
 */
import { z } from 'zod'
import type { SftExample } from '../algorithms/sft.ts'
import type { JsonObject } from '../disk/jsonl.ts'
import { joined } from '../engine/sequences.ts'
import { DataError } from '../errors.ts'
import type { LocalModel } from '../loading/local-model.ts'
import { randomStream } from '../random.ts'
import { readRows } from '../tasks/file-rows.ts'
import type { ChatMessage } from '../text/chat-template.ts'
import { continuation } from '../text/reasoning.ts'

/** A row that recipes write. */
export interface SftRow {
  /** What the user asked, without any template. */
  prompt: string
  response: string
}

const sftRow = z.union([
  z.object({ prompt: z.string(), response: z.string().min(1) }),
  z.object({
    messages: z.array(z.object({ role: z.string(), content: z.string() })).min(2),
  }),
])

export interface SftData {
  examples: SftExample[]
  /** Rows left out because they are longer than `maxTokens`. */
  tooLong: number
}

export async function readSftData(
  paths: readonly string[],
  model: Pick<LocalModel, 'renderPrompt' | 'renderChat' | 'tokenizer'>,
  maxTokens: number,
): Promise<SftData> {
  const examples: SftExample[] = []
  let tooLong = 0
  for (const path of paths)
    for await (const { place, value } of readRows(path)) {
      const { prompt, response } = conversation(value, place)
      const rendered = typeof prompt === 'string' ? model.renderPrompt(prompt) : model.renderChat(prompt)
      const example = sftExample({ prompt: rendered, response }, model)
      if (example.prompt.length + example.response.length > maxTokens) tooLong++
      else examples.push(example)
    }
  if (examples.length === 0)
    throw new DataError('there is nothing to learn from.', {
      field: paths.join(', '),
      expected: `rows of at most ${maxTokens} tokens`,
      ...(tooLong > 0 && {
        remedy: `All ${tooLong} rows are longer than sft.maxTokens or the model's positions.`,
      }),
    })
  return { examples, tooLong }
}

/** How many rows there are; throws for the first that is no example. */
export async function checkSftData(paths: readonly string[]): Promise<number> {
  let rows = 0
  for (const path of paths)
    for await (const { place, value } of readRows(path)) {
      conversation(value, place)
      rows++
    }
  return rows
}

function conversation(
  value: JsonObject,
  place: string,
): { prompt: string | ChatMessage[]; response: string } {
  const parsed = sftRow.safeParse(value)
  if (!parsed.success)
    throw new DataError('not an example to learn from.', {
      field: place,
      expected: '{"prompt": "…", "response": "…"}, or "messages" that end with the assistant\'s',
    })
  if ('prompt' in parsed.data) return parsed.data
  const { messages } = parsed.data
  const last = messages.at(-1)!
  if (last.role !== 'assistant' || last.content === '')
    throw new DataError("the last message is not the assistant's.", { field: place, value: last.role })
  return { prompt: messages.slice(0, -1) as ChatMessage[], response: last.content }
}

export const sftExample = (
  { prompt, response }: { prompt: string; response: string },
  { tokenizer }: Pick<LocalModel, 'tokenizer'>,
): SftExample => ({
  prompt: tokenizer.encode(prompt),
  response: joined(tokenizer.encode(continuation(prompt, response)), tokenizer.stopIds.slice(0, 1)),
})

/** Drawn at random, since what stands together in a file is often of one kind. */
export function splitValidation(
  examples: readonly SftExample[],
  share: number,
  seed: number,
): { examples: SftExample[]; validation: SftExample[] } {
  const shuffled = randomStream(seed, 'validation').shuffle(examples)
  const numValidation = Math.floor(examples.length * share)
  return { validation: shuffled.slice(0, numValidation), examples: shuffled.slice(numValidation) }
}
