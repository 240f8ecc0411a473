/**
 * One process for the OpenAI-compatible API (/v1), the dashboard's API (/api) and the page. It listens on loopback
 * unless told otherwise, and lets running responses end before it closes.
 */

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpBindings, serve } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import { ConfigError } from '../errors.ts'
import { dashboardRoutes } from './dashboard/routes.ts'
import { isLoopback, localOnly, requireKey } from './guards.ts'
import { createMetrics, type ServerMetrics } from './metrics.ts'
import type { ReasoningForm } from './openai/chat.ts'
import { ApiError, errorResponse } from './openai/errors.ts'
import { openAiRoutes } from './openai/routes.ts'
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
}: ServerOptions): Promise<RunningServer> {
  const metrics = createMetrics(models)
  let draining = false
  const app = new Hono<{ Bindings: HttpBindings }>()
  if (apiKey === undefined && isLoopback(host)) app.use(localOnly)
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
  app.route('/v1', openAiRoutes({ models, reasoning, metrics }))
  app.route('/api', dashboardRoutes({ runs, evaluations }))
  app.route('/', pageRoutes())

  const server = await listen(app, port, host)
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    drain(seconds) {
      draining = true
      return new Promise((resolve) => {
        const late = setTimeout(() => server.closeAllConnections(), seconds * 1000)
        // Connections that are kept alive after their last response would hold the server.
        const idle = setInterval(() => server.closeIdleConnections(), 100)
        server.close(() => {
          clearTimeout(late)
          clearInterval(idle)
          resolve()
        })
      })
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

function listen(app: Hono<{ Bindings: HttpBindings }>, port: number, hostname: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    // Without options of its own it is a plain HTTP/1.1 server.
    const server = serve({ fetch: app.fetch, port, hostname }, () => resolve(server)) as Server
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const problem = PROBLEMS[cause.code ?? '']
      reject(problem === undefined ? cause : problem(port, hostname, cause))
    })
  })
}

const PROBLEMS: Record<string, (port: number, host: string, cause: unknown) => ConfigError> = {
  EADDRINUSE: (port, _, cause) =>
    new ConfigError('this port is taken.', {
      field: '--port',
      value: port,
      remedy: 'Choose another one, or 0 for any that is free.',
      cause,
    }),
  EACCES: (port, _, cause) =>
    new ConfigError('this port is not for ordinary users.', {
      field: '--port',
      value: port,
      expected: '1024 or more',
      cause,
    }),
  ENOTFOUND: (_, host, cause) =>
    new ConfigError('there is no such address.', { field: '--host', value: host, cause }),
  EADDRNOTAVAIL: (_, host, cause) =>
    new ConfigError('this machine has no such address.', { field: '--host', value: host, cause }),
}
