/** Work under way and its results, by number: what `retrieve_future` waits for. */
import { setTimeout as sleep } from 'node:timers/promises'

export type Outcome =
  | { state: 'unknown' | 'pending' }
  | { state: 'done'; result: unknown }
  | { state: 'failed'; error: unknown }

export interface Futures {
  /** The number of a piece of work. */
  add(work: Promise<unknown>): string
  /** Waits at most so long. Asking twice for a result is fine. */
  wait(id: string, seconds: number): Promise<Outcome>
  /** Is its work under way, or its result still kept? */
  has(id: string): boolean
  readonly pending: number
}

/** A client that lost an answer comes back for it within this time. */
const KEPT_MILLISECONDS = 15 * 60_000

export function createFutures(): Futures {
  const outcomes = new Map<string, Promise<Outcome>>()
  let last = 0
  let pending = 0
  return {
    add(work) {
      const id = String(++last)
      pending++
      const outcome = work.then(
        (result): Outcome => ({ state: 'done', result }),
        (error: unknown): Outcome => ({ state: 'failed', error }),
      )
      outcomes.set(id, outcome)
      outcome.then(() => {
        pending--
        setTimeout(() => outcomes.delete(id), KEPT_MILLISECONDS).unref()
      })
      return id
    },
    async wait(id, seconds) {
      const outcome = outcomes.get(id)
      if (outcome === undefined) return { state: 'unknown' }
      const hurry = new AbortController()
      const late = sleep(seconds * 1000, { state: 'pending' } as Outcome, { signal: hurry.signal })
      try {
        return await Promise.race([outcome, late])
      } finally {
        hurry.abort()
        late.catch(() => {})
      }
    },
    has: (id) => outcomes.has(id),
    get pending() {
      return pending
    },
  }
}
