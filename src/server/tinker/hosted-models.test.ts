import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CheckpointStore } from './checkpoint-store.ts'
import { createFutures } from './futures.ts'
import { createHostedModels, type HostedModel } from './hosted-models.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function hosted() {
  const store = {} as CheckpointStore
  return createHostedModels({
    base: 'base',
    most: 2,
    futures: createFutures({ queue: 1000 }),
    store,
  })
}

it('keeps the numbers of requests no longer than their futures, and nothing of what they said', async () => {
  const { once } = hosted()
  const model = { numbers: new Map(), forgotten: -1 } as HostedModel
  const said = { tokens: Array(10_000).fill(7) }
  const request = (number: number, what: object = said) => once(model, number, what, async () => {})
  const futures = new Set<string>()
  for (let number = 0; number < 100; number++) {
    futures.add(request(number))
    expect(request(number)).toBe(request(number))
    expect(() => request(number, {})).toThrow(/reused: \d+/)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(model.numbers.size).toBeLessThan(20)
  }
  expect(futures.size).toBe(100)
  expect(JSON.stringify([...model.numbers]).length).toBeLessThan(5000)
  // It would run a second time.
  expect(() => request(3)).toThrow('reused: 3')
})

it('forgets the sampling sessions of a client with its session', () => {
  const models = hosted()
  const [gone, kept] = ['one', 'other'].map((client) => {
    return models.openSampler(client, models.samplerOf({ base: true }))
  }) as [string, string]
  models.unloadSession('one')
  expect(() => models.sampler(gone)).toThrow('not found')
  expect(models.sampler(kept).path).toBe(null)
})
