/** Who may ask: a key where one is set, and on loopback only pages and programs of this machine. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { ApiError, errorResponse } from './openai/errors.ts'

/** Asks for `Authorization: Bearer <key>`. */
export function requireKey(key: string): MiddlewareHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${key}`)
  return async (c, next) => {
    if (timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected)) return await next()
    const message = 'The API key is missing or wrong. Send it as: Authorization: Bearer <key>'
    return errorResponse(
      c,
      new ApiError(401, message, { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } }),
    )
  }
}

/**
 * Web pages of other sites run in a browser of this machine. One could point a name of its own at 127.0.0.1 and read
 * what is served there (DNS rebinding), or send requests without reading; the first has that name as its Host, the
 * second its site as Origin.
 */
export const localOnly: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header('origin')
  const hosts = [c.req.url, ...(URL.canParse(origin ?? '') ? [origin!] : [])].map(
    (url) => new URL(url).hostname,
  )
  const stranger = hosts.find((host) => !isLoopback(host))
  if (stranger === undefined && origin !== 'null') return await next()
  const message = `This server answers to localhost, not to ${stranger ?? 'a page without an origin'}; with an API key it answers to any name.`
  return errorResponse(c, new ApiError(403, message, { code: 'host_not_allowed' }))
}

export function isLoopback(host: string): boolean {
  return (
    ['localhost', '::1', '[::1]'].includes(host) ||
    host.endsWith('.localhost') ||
    /^127(\.\d+){3}$/.test(host)
  )
}
