import { expect, it } from 'vitest'
import { createFutures } from './futures.ts'

it('refuses work beyond the queue', async () => {
  const futures = createFutures({ queue: 2 })
  const ids = [1, 2].map((result) => futures.add(Promise.resolve(result)))
  expect(() => futures.admit(0)).toThrow('2 requests are under way')
  expect(await futures.wait(ids[1]!, 1)).toEqual({ state: 'done', result: 2 })
  futures.admit(0)
})

it('keeps results of a bounded size: those that were told make room, and others are refused', async () => {
  const futures = createFutures({ queue: 100, mostTokens: 10 })
  const add = (tokens: number) => {
    futures.admit(tokens)
    return futures.add(Promise.resolve(tokens), tokens)
  }
  const [told, untold] = [add(4), add(4)]
  await futures.wait(told, 1)
  expect(futures.has(told)).toBe(true)
  const third = add(6)
  expect([told, untold, third].map(futures.has)).toEqual([false, true, true])
  expect(() => add(1)).toThrow('Results of 10 tokens wait')
  await futures.wait(third, 1)
  add(5)
})
