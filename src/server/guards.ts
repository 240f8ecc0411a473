/** Who may ask: whoever has the key where one is set, else no page of another site. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { isLoopback } from '../run/loopback.ts'
import { ApiError, errorResponse } from './openai/errors.ts'

/** Compares in the same time whatever is given. */
export function isKey(expected: string): (given: string | undefined) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = digest(expected)
  return (given = '') => timingSafeEqual(digest(given), wanted)
}

/** Asks for `Authorization: Bearer <key>`. */
export function requireKey(key: string): MiddlewareHandler {
  const isRight = isKey(`Bearer ${key}`)
  return async (c, next) => {
    if (isRight(c.req.header('authorization'))) return await next()
    const message = 'The API key is missing or wrong. Send it as: Authorization: Bearer <key>'
    return errorResponse(
      c,
      new ApiError(401, message, { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } }),
    )
  }
}

/** Lets pages of any site read the answers (CORS): for servers that ask for a key, which such pages must be given first. */
export const anyPage: MiddlewareHandler<{ Bindings: HttpBindings }> = async (c, next) => {
  // Not on Hono's response: streams are written past it.
  const { outgoing } = c.env
  outgoing.setHeader('access-control-allow-origin', '*')
  outgoing.setHeader('access-control-expose-headers', 'retry-after')
  if (c.req.method !== 'OPTIONS') return await next()
  return c.body(null, 204, {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': c.req.header('access-control-request-headers') ?? '*',
    'access-control-max-age': '600',
  })
}

/**
 * Web pages of other sites run in a browser that may reach this server, and could send requests without reading the
 * answers: their Origin is not the Host. One could point a name of its own at 127.0.0.1 and read what is served there
 * (DNS rebinding): a server that listens on loopback knows the names it has. For one that listens elsewhere any name may
 * be its own.
 */
export function ownPages(listensOn: string): MiddlewareHandler {
  const local = isLoopback(listensOn)
  return async (c, next) => {
    const { host, hostname } = new URL(c.req.url)
    const origin = c.req.header('origin')
    if (local && !isLoopback(hostname)) return refused(c, `to localhost, not to ${hostname}`)
    if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host))
      return refused(c, `its own pages, not one of ${origin === 'null' ? 'no origin' : origin}`)
    return await next()
  }
}

const refused = (c: Context<{ Bindings: HttpBindings }>, whom: string) =>
  errorResponse(
    c,
    new ApiError(403, `Without an API key this server answers ${whom}.`, { code: 'host_not_allowed' }),
  )
