/**
 * How many responses are sampled at a time, and how many requests may wait for a place. First come, first served; a
 * request for several responses waits until all fit, so that they share the prefill of their prompt.
 */
import { ApiError } from './errors.ts'

export interface GateOptions {
  /** Responses at a time. */
  places: number
  /** Requests that may wait. */
  queue: number
}

export interface Gate {
  readonly places: number
  /** Responses being sampled. */
  readonly running: number
  /** Requests in the queue. */
  readonly waiting: number
  /**
   * Resolves when `count` places are taken; each is given back by one call of `leave`. Throws a 429 where the queue
   * is full, and the signal's reason where it aborts first.
   */
  enter(count: number, signal: AbortSignal): Promise<{ leave: () => void }>
}

interface Waiting {
  count: number
  admit: () => void
}

export function createGate({ places, queue: limit }: GateOptions): Gate {
  const queue: Waiting[] = []
  let running = 0
  /** Seconds a place is held, averaged over about the last 20 responses. */
  let held = 1

  function take(count: number): { leave: () => void } {
    running += count
    const since = performance.now()
    return {
      leave() {
        running--
        held += ((performance.now() - since) / 1000 - held) / 20
        admit()
      },
    }
  }

  function admit(): void {
    while (queue.length > 0 && running + queue[0]!.count <= places) queue.shift()!.admit()
  }

  function busy(): ApiError {
    const seconds = Math.min(60, Math.ceil(held * (1 + queue.length / places)))
    return new ApiError(429, `All places are taken and ${limit} requests wait. Try again in ${seconds} s.`, {
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      headers: { 'retry-after': String(seconds) },
    })
  }

  return {
    places,
    get running() {
      return running
    },
    get waiting() {
      return queue.length
    },
    async enter(count, signal) {
      signal.throwIfAborted()
      if (queue.length === 0 && running + count <= places) return take(count)
      if (queue.length >= limit) throw busy()
      return await new Promise((resolve, reject) => {
        const leave = () => {
          queue.splice(queue.indexOf(waiting), 1)
          reject(signal.reason)
          admit()
        }
        const waiting: Waiting = {
          count,
          admit() {
            signal.removeEventListener('abort', leave)
            resolve(take(count))
          },
        }
        signal.addEventListener('abort', leave, { once: true })
        queue.push(waiting)
      })
    },
  }
}
