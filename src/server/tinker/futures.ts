/** Work under way and its results, by number: what `retrieve_future` waits for. */
import { setTimeout as sleep } from 'node:timers/promises'
import { WireError } from './wire-error.ts'

type Outcome =
  | { state: 'unknown' | 'pending' }
  | { state: 'done'; result: unknown }
  | { state: 'failed'; error: unknown }

export interface Futures {
  /** Throws a 429 where too much is under way, or where results of `tokens` tokens have no room beside those kept. */
  admit(tokens: number): void
  /** The number of a piece of work; `tokens` bounds the size of its result. */
  add(work: Promise<unknown>, tokens?: number): string
  /** Waits at most so long. Asking twice for a result is fine. */
  wait(id: string, seconds: number): Promise<Outcome>
  /** Is its work under way, or its result still kept? */
  has(id: string): boolean
}

export interface FuturesOptions {
  /** Pieces of work under way. */
  queue: number
  /** Tokens of all results that are under way or kept, about 16 bytes each. */
  mostTokens?: number
}

interface Kept {
  outcome: Promise<Outcome>
  tokens: number
  /** Somebody has had the result. */
  told: boolean
}

/** A client that lost an answer comes back for it within this time. */
const KEPT_MILLISECONDS = 15 * 60_000

export function createFutures({ queue, mostTokens = 2 ** 26 }: FuturesOptions): Futures {
  const kept = new Map<string, Kept>()
  let last = 0
  let pending = 0
  let held = 0

  function drop(id: string): void {
    held -= kept.get(id)?.tokens ?? 0
    kept.delete(id)
  }

  return {
    admit(tokens) {
      if (pending >= queue) throw new WireError(429, `${pending} requests are under way`)
      // Results that were told go first, the oldest before the others.
      for (const [id, { told }] of kept) {
        if (held + tokens <= mostTokens) return
        if (told) drop(id)
      }
      if (held + tokens > mostTokens)
        throw new WireError(429, `Results of ${held} tokens wait to be retrieved`)
    },
    add(work, tokens = 0) {
      const id = String(++last)
      pending++
      held += tokens
      const outcome = work.then(
        (result): Outcome => ({ state: 'done', result }),
        (error: unknown): Outcome => ({ state: 'failed', error }),
      )
      kept.set(id, { outcome, tokens, told: false })
      outcome.then(() => {
        pending--
        setTimeout(() => drop(id), KEPT_MILLISECONDS).unref()
      })
      return id
    },
    async wait(id, seconds) {
      const entry = kept.get(id)
      if (entry === undefined) return { state: 'unknown' }
      const hurry = new AbortController()
      const late = sleep(seconds * 1000, { state: 'pending' } as Outcome, { signal: hurry.signal })
      try {
        const outcome = await Promise.race([entry.outcome, late])
        entry.told ||= outcome.state !== 'pending'
        return outcome
      } finally {
        hurry.abort()
        late.catch(() => {})
      }
    },
    has: (id) => kept.has(id),
  }
}
