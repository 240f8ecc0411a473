/** Server-sent events of one response, and a pace for them: many small writes cost more than the tokens in them. */
import { asApiError, errorBody } from './errors.ts'

/** Milliseconds between two writes of one response. What comes slower is written at once. */
const PACE = 20

export interface EventStream {
  send(...events: readonly object[]): void
}

/**
 * Runs `work` at once; its rejection becomes an error event, its end `[DONE]`. `cancel` is called when the client
 * leaves, after which nothing is sent.
 */
export function eventStream(work: (stream: EventStream) => Promise<void>, cancel: () => void): Response {
  const encoder = new TextEncoder()
  let open = true
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        if (open) controller.enqueue(encoder.encode(text))
      }
      const send = (...events: readonly object[]) =>
        write(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
      void work({ send })
        .then(() => write('data: [DONE]\n\n'))
        .catch((error) => {
          if (open) send(errorBody(asApiError(error)))
        })
        .finally(() => {
          if (open) controller.close()
          open = false
        })
    },
    cancel() {
      open = false
      cancel()
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      // Proxies that gather responses would undo the streaming.
      'x-accel-buffering': 'no',
    },
  })
}

export interface Pacer {
  /** There is something to write. */
  touch(): void
  /** Writes what is left, now. */
  finish(): void
}

export function createPacer(write: () => void): Pacer {
  let last = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  const now = () => {
    clearTimeout(timer)
    timer = undefined
    last = performance.now()
    write()
  }
  return {
    touch() {
      if (timer !== undefined) return
      const wait = PACE - (performance.now() - last)
      if (wait <= 0) now()
      else timer = setTimeout(now, wait)
    },
    finish: now,
  }
}
