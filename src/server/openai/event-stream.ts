/**
 * Server-sent events of one response, at a pace: many small writes cost more than the tokens in them. They go straight
 * to Node's response, whose web stream around it would cost as much again.
 */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Client } from '../client.ts'
import { asApiError, errorBody } from './errors.ts'

/** Responses that are being streamed. */
let open = 0

/** Milliseconds between two writes of one response, the longer the more there are. What comes slower is written at once. */
const pace = () => Math.min(100, Math.max(20, 1.5 * open))

export interface EventSource {
  /** The events since the last time. */
  take(): object[]
  /** Runs to the end of the response; `touch` says that there is something to take. */
  run(touch: () => void): Promise<void>
}

/** Runs the source at once; its rejection becomes an error event, its end `[DONE]`. Nothing is sent to who has left. */
export function eventStream({ outgoing }: Client, { take, run }: EventSource): Response {
  let last = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  const write = () => {
    timer = undefined
    last = performance.now()
    if (!outgoing.destroyed) outgoing.write(lines(take()))
  }
  const touch = () => {
    if (timer !== undefined) return
    const wait = pace() - (performance.now() - last)
    if (wait <= 0) write()
    else timer = setTimeout(write, wait)
  }
  const end = (rest: () => string) => {
    open--
    clearTimeout(timer)
    if (!outgoing.destroyed) outgoing.end(lines(take()) + rest())
  }
  outgoing.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    // Proxies that gather responses would undo the streaming.
    'x-accel-buffering': 'no',
  })
  open++
  void run(touch).then(
    () => end(() => 'data: [DONE]\n\n'),
    (error) => end(() => lines([errorBody(asApiError(error))])),
  )
  return RESPONSE_ALREADY_SENT
}

const lines = (events: readonly object[]) =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
