/** Who asked, and whether they still wait for the answer. */
import type { ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

export interface Client {
  outgoing: ServerResponse
  /** Aborts when the client leaves before its response has ended. */
  left: AbortSignal
}

export function clientOf(c: Context<{ Bindings: HttpBindings }>): Client {
  const { outgoing } = c.env
  const leave = new AbortController()
  outgoing.once('close', () => outgoing.writableFinished || leave.abort())
  return { outgoing, left: leave.signal }
}
