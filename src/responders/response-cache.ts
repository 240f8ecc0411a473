/**
 * Responses on disk, appended as they arrive, so that a killed evaluation asks only for what is missing. One file
 * belongs to one benchmark, its data, one model and its sampling settings; within it a response belongs to a question, the
 * sample's number and the prompt's text. Failed requests are not kept.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { openJsonlAppender, readJsonl } from '../disk/jsonl.ts'
import { DataError } from '../errors.ts'
import type { ModelResponse, ResponseRequest, SamplingSettings } from './responder.ts'

export interface CacheIdentity {
  benchmark: string
  /** SHA-256 of the data file; the questions' ids where there is none. */
  dataHash: string
  model: string
  /** Of the weights or of the way of asking, where the target tells. */
  version: string | undefined
  sampling: SamplingSettings
  seed: number
}

export interface ResponseCache {
  path: string
  get(request: ResponseRequest): ModelResponse | undefined
  add(request: ResponseRequest, response: ModelResponse): void
  close(): void
}

const rowSchema = z.object({
  question: z.string(),
  sample: z.number(),
  prompt: z.string(),
  text: z.string(),
  tokens: z.number(),
  thinkingTokens: z.number().optional(),
  stopReason: z.enum(['stop', 'length']),
})

export async function openResponseCache(folder: string, identity: CacheIdentity): Promise<ResponseCache> {
  const path = join(folder, `${identity.benchmark}-${hash(JSON.stringify(identity)).slice(0, 12)}.jsonl`)
  const known = existsSync(path) ? await readResponses(path) : new Map<string, ModelResponse>()
  const log = openJsonlAppender(path)
  return {
    path,
    get: (request) => known.get(keyOf(request.questionId, request.sample, hash(request.prompt))),
    add(request, response) {
      if (response.error !== undefined) return
      const prompt = hash(request.prompt)
      const { questionId, sample, text, tokens, thinkingTokens, stopReason } = response
      log.append({ question: questionId, sample, prompt, text, tokens, thinkingTokens, stopReason })
    },
    close: () => log.close(),
  }
}

async function readResponses(path: string): Promise<Map<string, ModelResponse>> {
  const known = new Map<string, ModelResponse>()
  for await (const { line, value } of readJsonl(path, { skipTornLastLine: true })) {
    const row = rowSchema.safeParse(value)
    if (!row.success)
      throw new DataError('not a cached response.', { field: `${path}:${line}`, remedy: 'Remove the file.' })
    const { question, sample, prompt, thinkingTokens, ...rest } = row.data
    known.set(keyOf(question, sample, prompt), {
      questionId: question,
      sample,
      ...rest,
      ...(thinkingTokens === undefined ? {} : { thinkingTokens }),
    })
  }
  return known
}

function keyOf(questionId: string, sample: number, promptHash: string): string {
  return `${sample}/${promptHash}/${questionId}`
}

export function hash(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}
