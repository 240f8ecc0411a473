/**
 * One process for the OpenAI-compatible API (/v1), the dashboard's API (/api) and the page. It listens on loopback
 * unless told otherwise, and lets running responses end before it closes.
 */

import type { HttpBindings } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import { isLoopback } from '../run/loopback.ts'
import type { Trainings } from './dashboard/changes.ts'
import type { Rescoring } from './dashboard/rescoring.ts'
import { dashboardRoutes } from './dashboard/routes.ts'
import { anyPage, ownPages, requireKey } from './guards.ts'
import { listen } from './listen.ts'
import { createMetrics, type ServerMetrics } from './metrics.ts'
import type { ReasoningForm } from './openai/chat.ts'
import { ApiError, errorResponse } from './openai/errors.ts'
import { openAiRoutes } from './openai/routes.ts'
import type { RunModels } from './openai/run-models.ts'
import type { ServedModel } from './openai/served-model.ts'
import { pageRoutes } from './page.ts'

export interface ServerOptions {
  /** None for a dashboard alone. */
  models: readonly ServedModel[]
  reasoning?: ReasoningForm
  /** A folder of runs for the dashboard. */
  runs: string
  /** Where `r1 eval` leaves its results. */
  evaluations?: string
  /** 0 takes a free port. */
  port: number
  host?: string
  /** The command that continues a stopped run, for the page to show. */
  resumeCommand?: ((folder: string) => string) | undefined
  /** The models of runs, opened when they are first asked. */
  runModels?: RunModels | undefined
  /** Lets the page start, stop and resume runs. */
  trainings?: Trainings | undefined
  /** Lets the page score stored responses by a reward file, which it may change. */
  rescoring?: Rescoring | undefined
  /** What /v1 and /api ask for; the page, /healthz and /metrics are open. */
  apiKey?: string | undefined
}

export interface RunningServer {
  /** Ends without a slash. */
  url: string
  /** Takes no more requests; resolves when the last response has ended, or was cut off after so many seconds. */
  drain(seconds: number): Promise<void>
}

export async function startServer({
  models,
  reasoning = 'separate',
  runs,
  evaluations = 'evaluations',
  port,
  host = '127.0.0.1',
  apiKey,
  resumeCommand,
  runModels,
  trainings,
  rescoring,
}: ServerOptions): Promise<RunningServer> {
  const metrics = createMetrics(models)
  const changes = { mayWrite: apiKey !== undefined || isLoopback(host), trainings, rescoring }
  let draining = false
  const app = new Hono<{ Bindings: HttpBindings }>()
  if (apiKey === undefined) app.use(ownPages(host))
  else app.use('/v1/*', anyPage)
  app.use('/v1/*', measured(metrics))
  app.get('/healthz', (c) =>
    c.json(
      { status: draining ? 'draining' : 'ok', models: models.map(({ id }) => id) },
      draining ? 503 : 200,
    ),
  )
  app.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'content-type': metrics.contentType }))
  app.use('/v1/*', async (c, next) => {
    if (!draining) return await next()
    return errorResponse(c, new ApiError(503, 'The server is closing.', { type: 'server_error' }))
  })
  if (apiKey !== undefined) for (const path of ['/v1/*', '/api/*']) app.use(path, requireKey(apiKey))
  app.route('/v1', openAiRoutes({ models, runModels, reasoning, metrics }))
  app.route('/api', dashboardRoutes({ runs, evaluations, resumeCommand, changes }))
  app.route('/', pageRoutes())

  const listening = await listen(app, port, host)
  return {
    url: listening.url,
    drain(seconds) {
      draining = true
      return listening.close(seconds)
    },
  }
}

const ROUTES = ['/v1/chat/completions', '/v1/completions', '/v1/models']

/** 499 is the usual status for a client that left before its response had ended. */
function measured(metrics: ServerMetrics): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    const started = performance.now()
    const route = ROUTES.find((known) => known === c.req.path) ?? 'other'
    const { outgoing } = c.env
    outgoing.once('close', () => {
      const status = outgoing.writableFinished ? outgoing.statusCode : 499
      metrics.request(route, status, (performance.now() - started) / 1000)
    })
    await next()
  }
}
