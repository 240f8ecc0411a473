/**
 * One process for the OpenAI-compatible API (/v1), the dashboard's API (/api) and the page. It listens on loopback
 * unless told otherwise. `drain` lets running responses end before it closes.
 */
import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { ConfigError } from '../errors.ts'
import { dashboardRoutes } from './dashboard/routes.ts'
import { pageRoutes } from './page.ts'

export interface AppOptions {
  /** A folder of runs for the dashboard. */
  runs: string
}

export interface ServerOptions extends AppOptions {
  /** 0 takes a free port. */
  port: number
  host?: string
}

export interface RunningServer {
  /** Ends without a slash. */
  url: string
  /** Takes no more connections and resolves when the last response has ended. */
  drain(): Promise<void>
}

export function createApp({ runs }: AppOptions): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.route('/api', dashboardRoutes({ runs }))
  app.route('/', pageRoutes())
  return app
}

export async function startServer({
  port,
  host = '127.0.0.1',
  ...options
}: ServerOptions): Promise<RunningServer> {
  const server = await listen(createApp(options), port, host)
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    drain: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
      }),
  }
}

function listen(app: Hono, port: number, hostname: string): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname }, () => resolve(server))
    server.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE')
        reject(
          new ConfigError('this port is taken.', {
            field: '--port',
            value: port,
            remedy: 'Choose another one, or 0 for any that is free.',
            cause,
          }),
        )
      else reject(cause)
    })
  })
}
