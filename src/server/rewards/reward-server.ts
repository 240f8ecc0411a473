/** Our verifiers and rewards over HTTP, for trainers in Python. It listens on loopback unless told otherwise. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import { clientOf } from '../client.ts'
import { ownPages, requireKey } from '../guards.ts'
import { limitBody } from '../limit-body.ts'
import { type Listening, listen } from '../listen.ts'
import { ApiError, errorResponse, refuseBody } from '../openai/errors.ts'
import { invalidBody } from '../openai/invalid-body.ts'
import { createScorer, type ScoringOptions } from './score.ts'
import {
  openRlhfAnswer,
  openRlhfItems,
  openRlhfRequest,
  trlAnswer,
  trlItems,
  trlRequest,
  verlAnswer,
  verlItems,
  verlRequest,
} from './shapes.ts'

export interface RewardServerOptions extends ScoringOptions {
  /** 0 takes a free port. */
  port: number
  host?: string
  apiKey?: string | undefined
}

/** Bytes of a request: 512 responses of 32,768 tokens. */
const LARGEST_BODY = 64 << 20

export async function startRewardServer(options: RewardServerOptions): Promise<Listening> {
  const { port, host = '127.0.0.1', apiKey } = options
  const scorer = createScorer(options)
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.onError((error, c) => errorResponse(c, error))
  if (apiKey === undefined) app.use(ownPages(host))
  app.get('/healthz', (c) => c.json({ status: 'ok', rewards: options.rewards.map(({ name }) => name) }))
  if (apiKey !== undefined) app.use(requireKey(apiKey))
  app.use(limitBody(LARGEST_BODY, refuseBody(LARGEST_BODY)))
  app.post('/get_reward', async (c) => {
    const { left } = clientOf(c)
    const request = await read(c, openRlhfRequest)
    sameLength(request, ['query', 'prompts', 'labels'])
    return c.json(openRlhfAnswer(await scorer.score(openRlhfItems(request), left)))
  })
  app.post('/compute_score', async (c) => {
    const { left } = clientOf(c)
    const request = await read(c, verlRequest)
    const batch = 'solution_strs' in request
    if (batch) sameLength(request, ['solution_strs', 'ground_truths'])
    const answers = (await scorer.score(verlItems(request), left)).map(verlAnswer)
    return c.json(batch ? answers : answers[0]!)
  })
  app.post('/reward', async (c) => {
    const { left } = clientOf(c)
    const request = await read(c, trlRequest)
    sameLength(request, ['completions', 'answer', 'prompts', 'completion_ids'])
    return c.json(trlAnswer(await scorer.score(trlItems(request), left)))
  })
  app.notFound((c) =>
    errorResponse(
      c,
      new ApiError(
        404,
        `There is no ${c.req.method} ${c.req.path} here, but /get_reward, /compute_score, /reward.`,
      ),
    ),
  )
  const listening = await listen(app, port, host)
  return {
    url: listening.url,
    async close(seconds) {
      await listening.close(seconds)
      await scorer.close()
    },
  }
}

async function read<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  let json: unknown
  try {
    json = await c.req.json()
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw new ApiError(400, `The body is not valid JSON: ${(error as Error).message}`)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw invalidBody(parsed.error)
}

/** Of the lists that are there. */
function sameLength(request: Record<string, unknown>, fields: readonly string[]): void {
  const lists = fields.filter((field) => request[field] !== undefined)
  const [first, ...others] = lists.map((field) => (request[field] as unknown[]).length)
  if (others.every((length) => length === first)) return
  throw new ApiError(400, `${lists.join(', ')} are not equally long.`, { param: lists[0]! })
}
