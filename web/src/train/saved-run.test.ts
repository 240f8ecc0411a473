import { expect, it } from 'vitest'
import { dropOldest } from './saved-run.ts'

it('forgets the rollouts of the first steps where all are too many', () => {
  const rollouts = new Map([1, 2, 3, 4].map((step) => [step, 'a'.repeat(step)]))
  dropOldest(rollouts, 10)
  expect([...rollouts.keys()]).toEqual([1, 2, 3, 4])
  dropOldest(rollouts, 8)
  expect([...rollouts.keys()]).toEqual([3, 4])
})
