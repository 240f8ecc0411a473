import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { ConfigError } from '../errors.ts'
import { ownReward, ownRewards } from './own-reward.ts'
import { scoreGroup } from './reward.ts'

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

it('what it throws is told in one sentence', async () => {
  const path = write(
    'throws.ts',
    "export const reward = { name: 'boom', weight: 1, score: ({ question }: any) => question.none.length }",
  )
  const [reward] = await ownReward(path)
  await expect(scoreGroup([reward!], [responseOf('a')])).rejects.toThrow(
    /^reward boom: it threw TypeError: Cannot read/,
  )
})

it('may be an object of a class', async () => {
  const path = write(
    'class.ts',
    `class Short { name = 'short'; weight = 2; least = 3; score() { return this.least } }
    export const reward = new Short()`,
  )
  expect(await scoreGroup(await ownReward(path), [responseOf('a')])).toMatchObject([{ reward: 6 }])
})

it.each([
  ['no-weight.ts', "{ name: 'short', score: () => 1 }", /its weight is undefined\. Expected `weight: 1`/],
  ['no-name.ts', '{ weight: 1, score: () => 1 }', /it has no name\. .*name, weight: 1, score/],
  ['no-score.ts', "{ name: 'short', weight: 1, score: 1 }", /one of score and scoreGroup/],
  ['infinite.ts', "{ name: 'short', weight: Infinity, score: () => 1 }", /its weight is Infinity/],
  ['function.ts', '() => 1', /this is no reward\. .*name, weight: 1, score/],
  [
    'half-schedule.ts',
    "{ name: 'short', weight: { from: 1, to: 0 }, score: () => 1 }",
    /its weight is \{"from":1,"to":0\}\. .*steps: 30/,
  ],
  [
    'limits.ts',
    "{ name: 'short', weight: 1, score: () => 1, limits: { onFailure: 'zero' } }",
    /its limits are \{"onFailure":"zero"\}\. .*'skip'/,
  ],
  [
    'both.ts',
    "{ name: 'short', weight: 1, score: () => 1, scoreGroup: () => [1] }",
    /one of score and scoreGroup/,
  ],
])('%s is refused: its reward is incomplete', async (name, reward, message) => {
  const loading = ownReward(write(name, `export const reward = ${reward}`))
  await expect(loading).rejects.toThrow(ConfigError)
  await expect(loading).rejects.toThrow(`${name}: the exported reward is incomplete: `)
  await expect(loading).rejects.toThrow(message)
})
