import { describe, expect, it } from 'vitest'
import { RequestFailure } from './request.ts'
import { isPassing, waitSeconds, withRetries } from './retry.ts'

const policy = { retries: 3, firstWaitSeconds: 0.001, longestWaitSeconds: 0.004 }
const failure = (status?: number, retryAfterSeconds?: number) =>
  new RequestFailure('failed', { ...(status === undefined ? {} : { status }), retryAfterSeconds })

function failing(times: number, error: unknown) {
  const calls = { count: 0 }
  const attempt = async () => {
    if (calls.count++ < times) throw error
    return 'answer'
  }
  return { calls, attempt }
}

describe('withRetries', () => {
  const options = { policy, signal: new AbortController().signal, uniform: () => 0.5 }

  it('asks again until it succeeds', async () => {
    const { calls, attempt } = failing(3, failure(503))
    expect(await withRetries(attempt, options)).toBe('answer')
    expect(calls.count).toBe(4)
  })

  it('gives up after the last retry, with the last failure', async () => {
    const { calls, attempt } = failing(9, failure(503))
    await expect(withRetries(attempt, options)).rejects.toThrow('failed')
    expect(calls.count).toBe(4)
  })

  it.each([failure(400), failure(401), new TypeError('ours')])('does not repeat %s', async (error) => {
    const { calls, attempt } = failing(9, error)
    await expect(withRetries(attempt, options)).rejects.toBe(error)
    expect(calls.count).toBe(1)
  })

  it('stops waiting when asked to', async () => {
    const stop = new AbortController()
    const { attempt } = failing(9, failure(429, 500))
    const waiting = withRetries(attempt, { ...options, signal: stop.signal })
    stop.abort()
    await expect(waiting).rejects.toThrow()
  })
})

describe('waitSeconds', () => {
  const patient = { retries: 9, firstWaitSeconds: 1, longestWaitSeconds: 10 }
  it.each([
    [failure(503), 0, 1, 1],
    [failure(503), 0, 0, 0.5],
    [failure(503), 3, 1, 8],
    [failure(503), 8, 1, 10],
    [failure(429, 42), 0, 1, 42],
    [failure(429, 1e6), 0, 1, 600],
  ])('%s after %i tries', (error, tried, uniform, seconds) => {
    expect(waitSeconds(error, tried, patient, uniform)).toBe(seconds)
  })
})

it.each([
  [408, true],
  [429, true],
  [500, true],
  [529, true],
  [undefined, true],
  [400, false],
  [404, false],
])('status %s may pass: %s', (status, expected) => {
  expect(isPassing(failure(status))).toBe(expected)
})
