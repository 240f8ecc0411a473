/** An app at an address, with errors that say which flag to change. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpBindings, serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { ConfigError } from '../errors.ts'

export interface Listening {
  /** Ends without a slash. */
  url: string
  /** Takes no more requests; resolves when the last response has ended, or was cut off after `seconds`. */
  close(seconds: number): Promise<void>
}

/** `port` 0 takes a free one. */
export async function listen(
  app: Hono<{ Bindings: HttpBindings }>,
  port: number,
  host: string,
): Promise<Listening> {
  const server = await listening(app, port, host)
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: (seconds) =>
      new Promise((resolve) => {
        const late = setTimeout(() => server.closeAllConnections(), seconds * 1000)
        // Connections that are kept alive after their last response would hold the server.
        const idle = setInterval(() => server.closeIdleConnections(), 100)
        server.close(() => {
          clearTimeout(late)
          clearInterval(idle)
          resolve()
        })
      }),
  }
}

function listening(app: Hono<{ Bindings: HttpBindings }>, port: number, hostname: string): Promise<Server> {
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
