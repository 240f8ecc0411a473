/** Bodies that are too large are refused, and what is left of them is read, so that the connection stays usable. */
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'

type ServerContext = Context<{ Bindings: HttpBindings }>

/**
 * Answers `refuse` for a body of more than `largest` bytes. Hono's own limit leaves a body without a length half-read:
 * the client takes the connection for free, sends its next request there, and loses it when the connection is closed.
 */
export function limitBody(
  largest: number,
  refuse: (c: ServerContext) => Response,
): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    const length = c.req.header('content-length')
    if (length !== undefined) return Number(length) <= largest ? await next() : refuse(c)
    const body = await upTo(largest, c.env.incoming)
    if (body === undefined) return refuse(c)
    // Where the Node adapter looks for a body that was read before.
    Object.assign(c.env.incoming, { rawBody: body })
    return await next()
  }
}

/** Undefined where there are more bytes; the adapter reads and drops them after the answer. */
async function upTo(largest: number, incoming: HttpBindings['incoming']): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > largest) return
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
