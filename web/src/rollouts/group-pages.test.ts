import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RolloutList, RolloutOrder } from '../../../src/server/dashboard/api.ts'
import { listGroups, openRolloutIndex } from '../../../src/server/dashboard/rollout-index.ts'
import { dashboardRoutes } from '../../../src/server/dashboard/routes.ts'
import { groupPages, type KnownGroups } from './group-pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-groups-'))
const file = (name: string) => join(folder, 'evaluations', `${name}.jsonl`)

beforeAll(() => {
  const text = 'x'.repeat(4000)
  const lines = Array.from({ length: 1200 }, (_, i) => {
    const [group, sample] = [i >> 1, i & 1]
    const reward = group % 3 > sample ? 1 : 0
    const question = { group, sample, question: `q${group}`, prompt: 'p', answer: '1', text }
    return `${JSON.stringify({ ...question, stopReason: 'stop', rewards: { accuracy: reward }, reward })}\n`
  })
  mkdirSync(join(folder, 'evaluations'))
  writeFileSync(join(folder, 'config.json'), '{}')
  writeFileSync(file('trained'), lines.join(''))
  writeFileSync(file('few'), lines.slice(0, 40).join(''))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** All groups' numbers, a few more at a time. */
async function all(order: RolloutOrder, step: number, ask: Parameters<typeof groupPages>[0]) {
  let known: KnownGroups = { groups: [] }
  for (let wanted = step; known.list === undefined || known.list.next !== null; wanted += step)
    for await (known of groupPages(ask, order, wanted, known));
  expect(known.groups.every(({ marks }) => marks.length === 2)).toBe(true)
  return known.groups.map(({ group }) => group)
}

function expected(order: 'file' | 'hardest', length: number): number[] {
  const groups = Array.from({ length }, (_, group) => group)
  return order === 'file' ? groups : groups.sort((a, b) => (a % 3) - (b % 3))
}

it.each([30, 510, Number.POSITIVE_INFINITY])(
  'of a file that has more than one answer holds, %d more at a time',
  async (step) => {
    const app = dashboardRoutes({ runs: folder, evaluations: folder })
    const [run] = (await (await app.request('/runs')).json()) as [{ id: string }]
    for (const order of ['file', 'hardest'] as const) {
      const groups = await all(order, step, async ({ from, limit }) => {
        const query = `order=${order}&from=${from}&limit=${limit}`
        return (await (await app.request(`/runs/${run.id}/rollouts/trained?${query}`)).json()) as RolloutList
      })
      expect(groups).toEqual(expected(order, 600))
    }
  },
)

it('of a file that is read line by line', async () => {
  for (const order of ['file', 'hardest'] as const) {
    const index = openRolloutIndex(file('few'))
    const query = { filter: 'all', order, search: '', milliseconds: 0 } as const
    const groups = await all(order, 15, ({ from, limit }) => listGroups(index, { ...query, from, limit }))
    expect(groups).toEqual(expected(order, 20))
  }
})
