import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { GroupReward, Reward } from '../rewards/reward.ts'
import { type RescoreOptions, rescore } from './rescore.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-rescore-'))
afterAll(() => rmSync(folder, { recursive: true }))

const line = (group: number, sample: number, text: string, accuracy: number, format: number) => ({
  ...{ group, sample, question: `q${group}`, prompt: 'p', answer: 'a', text, stopReason: 'stop' },
  rewards: { accuracy, format },
  reward: accuracy + format,
  tokens: Array.from(text, () => 1),
})
const path = join(folder, '000003.jsonl')
const lines = [
  line(0, 0, 'aaaa', 1, 1),
  line(0, 1, 'b', 0, 1),
  line(1, 0, 'cc', 1, 1),
  line(1, 1, 'd', 1, 1),
  line(2, 0, 'ee', 0, 1),
  line(2, 1, 'e', 0, 0),
]
writeFileSync(path, `${lines.map((row) => JSON.stringify(row)).join('\n')}\n`)

const ask = (rewards: RescoreOptions['rewards'], kept: RescoreOptions['kept'] = { accuracy: 1, format: 1 }) =>
  rescore({ path, step: 3, rewards, kept, advantageScale: 'none', questionOf: () => undefined })
const length: Reward = { name: 'length', weight: 0.5, score: ({ numTokens }) => numTokens }

describe('rescore', () => {
  it('changes nothing where the reward is the same', async () => {
    const again: Reward = { name: 'format', weight: 1, score: ({ text }) => Number(text !== 'e') }
    expect(await ask([again])).toMatchObject({
      step: 3,
      responses: 6,
      groups: 3,
      agreement: expect.closeTo(1, 9),
      signal: { before: 2, after: 2, gained: [], lost: [] },
      changed: [],
    })
  })

  it('adds a reward to those of the run, and says which groups gain a signal', async () => {
    const { reward, parts, signal, changed } = await ask([length])
    expect(reward.before.mean).toBeCloseTo(8 / 6, 9)
    expect(reward.after.mean).toBeCloseTo((8 + 0.5 * 11) / 6, 9)
    expect(parts.length).toEqual({ after: expect.objectContaining({ mean: 11 / 6, min: 1, max: 4, n: 6 }) })
    expect(signal).toEqual({ before: 2, after: 3, gained: [1], lost: [] })
    // By hand: of group 0 the advantages were ±0.5, and are ±(0.5 + 0.75).
    expect(changed[0]).toMatchObject({
      group: 0,
      reward: { before: 2, after: 4 },
      advantage: { before: 0.5, after: 1.25 },
    })
  })

  it('alone, a reward has no other parts, and groups lose their signal', async () => {
    const same: GroupReward = { name: 'same', weight: 1, scoreGroup: (all) => all.map(() => 1) }
    expect(await ask([same], {})).toMatchObject({
      reward: { after: { mean: 1, deviation: 0 } },
      signal: { after: 0, gained: [], lost: [0, 2] },
      agreement: 0,
    })
  })

  it('a reward that asks for the verdict gets the one that was kept', async () => {
    const verdict: Reward = {
      name: 'verdict',
      weight: 1,
      score: async ({ task, question, text }) => Number((await task.verify(question, text)).correct),
    }
    const { parts } = await ask([verdict], {})
    expect(parts.verdict!.after).toMatchObject({ mean: 0.5 })
  })
})
