import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { ownReward, ownRewards } from './own-reward.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-reward-'))
afterAll(() => rmSync(folder, { recursive: true }))
function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

it('is what the file exports, with the weight that is asked for', async () => {
  const path = write('short.ts', "export const reward = { name: 'short', weight: 0.1, score: () => 1 }")
  expect(await ownReward(path)).toMatchObject([{ name: 'short', weight: 0.1 }])
  expect(await ownReward(path, 2)).toMatchObject([{ name: 'short', weight: 2 }])
})

it('several come from several files, or from one that exports an array', async () => {
  const one = write('one.ts', "export const reward = { name: 'one', weight: 1, score: () => 1 }")
  const two = write(
    'two.ts',
    `export const reward = [
      { name: 'two', weight: { from: 1, to: 0, steps: 9 }, score: () => 1 },
      { name: 'three', weight: 1, scoreGroup: (all: unknown[]) => all.map(() => 1) },
    ]`,
  )
  const names = (await ownRewards(`${one}, ${two}`)).map(({ name }) => name)
  expect(names).toEqual(['one', 'two', 'three'])
})

it.each([
  ['no-weight.ts', "{ name: 'short', score: () => 1 }"],
  ['no-name.ts', '{ weight: 1, score: () => 1 }'],
  ['no-score.ts', "{ name: 'short', weight: 1, score: 1 }"],
  ['infinite.ts', "{ name: 'short', weight: Infinity, score: () => 1 }"],
  ['function.ts', '() => 1'],
  ['half-schedule.ts', "{ name: 'short', weight: { from: 1, to: 0 }, score: () => 1 }"],
  ['limits.ts', "{ name: 'short', weight: 1, score: () => 1, limits: { onFailure: 'zero' } }"],
  ['both.ts', "{ name: 'short', weight: 1, score: () => 1, scoreGroup: () => [1] }"],
])('%s is refused: its reward is incomplete', async (name, reward) => {
  const loading = ownReward(write(name, `export const reward = ${reward}`))
  await expect(loading).rejects.toThrow(ConfigError)
  await expect(loading).rejects.toThrow(
    new RegExp(`${name}: the exported reward is incomplete.*name, weight: 1, score`),
  )
})
