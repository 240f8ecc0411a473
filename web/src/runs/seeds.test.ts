import { expect, it } from 'vitest'
import type { RunSeries } from '../../../src/server/dashboard/api.ts'
import { meanOverSeeds, seedGroups } from './seeds.ts'

const details = (settings: Record<string, unknown>) => ({
  recipe: 'r1-zero',
  settings: Object.entries(settings).map(([path, value]) => ({ path, value, source: '--set' })),
})

it('runs that differ in the seed alone are a group', () => {
  const runs = {
    'zero-seed1': details({ seed: 1, rate: 2 }),
    'zero-seed2': details({ seed: 2, rate: 2 }),
    fast: details({ seed: 1, rate: 4 }),
  }
  expect(seedGroups(['zero-seed1', 'fast', 'zero-seed2', 'unknown'], runs)).toEqual([
    { label: 'zero (2 seeds)', ids: ['zero-seed1', 'zero-seed2'] },
    { label: 'fast', ids: ['fast'] },
    { label: 'unknown', ids: ['unknown'] },
  ])
})

it('their mean has a band, at the steps that all have', () => {
  const series = (x: number[], accuracy: (number | null)[]) =>
    ({
      read: 1,
      lastStep: x.at(-1),
      steps: { x, series: { accuracy: { mean: accuracy } } },
      timing: { x: [], series: {} },
      evaluations: { x: [0], series: { pass1: { mean: [accuracy[0]] } } },
    }) as unknown as RunSeries
  const mean = meanOverSeeds([series([1, 2, 3], [0.2, 0.4, null]), series([1, 2, 3, 4], [0.4, 0.8, 0.5, 1])])
  expect(mean.steps.x).toEqual([1, 2, 3])
  const { accuracy } = mean.steps.series
  expect(accuracy!.mean.map((value) => Number(value!.toFixed(6)))).toEqual([0.3, 0.6, 0.5])
  expect(accuracy).toMatchObject({ min: [0.2, 0.4, 0.5], max: [0.4, 0.8, 0.5] })
  expect(mean.evaluations.series.pass1).toMatchObject({ min: [0.2], max: [0.4] })
  expect(mean.lastStep).toBe(4)
})
