/**
 * Asking again what failed for a passing reason: 408, 429, 5xx, a lost connection, a cut stream, contents that are
 * not what was promised. Waits double from half a second to a minute, each drawn from its upper half so that many
 * clients spread out; a `retry-after` is obeyed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { RequestFailure } from './request.ts'

export interface RetryPolicy {
  /** Tries after the first. */
  retries: number
  firstWaitSeconds: number
  longestWaitSeconds: number
}

export const RETRY_POLICY: RetryPolicy = { retries: 8, firstWaitSeconds: 0.5, longestWaitSeconds: 60 }

/** A server may ask for more than `longestWaitSeconds`, up to this. */
const LONGEST_OBEYED_SECONDS = 600

export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: {
    policy: RetryPolicy
    signal: AbortSignal
    uniform: () => number
    mayPass?: (failure: unknown) => boolean
  },
): Promise<T> {
  const { policy, signal, uniform, mayPass = isPassing } = options
  for (let tried = 0; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || tried >= policy.retries || !mayPass(error)) throw error
      await sleep(waitSeconds(error as RequestFailure, tried, policy, uniform()) * 1000, undefined, {
        signal,
      })
    }
  }
}

export function waitSeconds(
  failure: RequestFailure,
  tried: number,
  policy: RetryPolicy,
  uniform: number,
): number {
  if (failure.retryAfterSeconds !== undefined)
    return Math.min(failure.retryAfterSeconds, LONGEST_OBEYED_SECONDS)
  const longest = Math.min(policy.firstWaitSeconds * 2 ** tried, policy.longestWaitSeconds)
  return longest * (0.5 + uniform / 2)
}

export function isPassing(error: unknown): boolean {
  if (!(error instanceof RequestFailure)) return false
  const { status } = error
  return status === undefined || status === 408 || status === 409 || status === 429 || status >= 500
}
