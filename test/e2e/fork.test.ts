/** A run continued from a checkpoint as a run of its own: the same again, and something else. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settings, startR1 } from '../r1-process.ts'

const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-fork-'))
afterAll(() => rmSync(folder, { recursive: true }))
const r1 = (...args: string[]) => startR1(folder, args).ended
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')

beforeAll(async () => {
  const { code, stderr } = await r1(
    ...['train', 'r1-zero', '--run', 'whole', '--json'],
    ...settings({
      'grpo.steps': 3,
      'grpo.groupSize': 4,
      'grpo.questionsPerStep': 2,
      'grpo.maxTokens': 64,
      'evaluation.questions': 2,
      'evaluation.samples': 2,
      'evaluation.every': 1,
      checkpointEvery: 1,
      keepCheckpoints: 3,
      microBatchTokens: 1024,
    }),
  )
  expect(code, stderr).toBe(0)
}, LONG)

describe('r1 fork', () => {
  it(
    'with the same settings is the same run, bit for bit',
    async () => {
      const { code, stderr } = await r1('fork', 'whole@1', '--run', 'same', '--json')
      expect(code, stderr).toBe(0)
      expect(read('same', 'metrics.jsonl')).toBe(read('whole', 'metrics.jsonl'))
      for (const name of readdirSync(join(folder, 'whole/rollouts')))
        expect(read('same/rollouts', name)).toBe(read('whole/rollouts', name))
      const weights = (run: string) => readFileSync(join(folder, run, 'model/model.safetensors'))
      expect(weights('same').equals(weights('whole'))).toBe(true)
      expect(JSON.parse(read('same', 'config.json')).fork).toEqual({ run: join(folder, 'whole'), step: 1 })
      const { stdout } = await r1('diff', 'whole', 'same', '--json')
      expect(JSON.parse(stdout)).toMatchObject({ settings: [], firstDifference: null, commonSteps: 3 })
    },
    LONG,
  )

  it(
    'with another seed and reward differs from the step after the checkpoint on',
    async () => {
      writeFileSync(
        join(folder, 'short.ts'),
        "export const reward = { name: 'short', weight: 0.1, score: ({ numTokens }: { numTokens: number }) => -numTokens / 64 }",
      )
      const changes = ['--seed', '2', '--set', 'rewards.file=./short.ts']
      const { code, stderr } = await r1('fork', 'whole@2', '--run', 'other', '--json', ...changes)
      expect(code, stderr).toBe(0)
      const { stdout } = await r1('diff', 'whole', 'other', '--json')
      const diff = JSON.parse(stdout)
      expect(diff.settings).toEqual([
        { path: 'rewards.file', values: [null, './short.ts'] },
        { path: 'seed', values: [1, 2] },
      ])
      expect(diff.firstDifference.step).toBe(3)
      expect(diff.figures.find(({ key }: { key: string }) => key === 'pass1').values[0]).toMatchObject({
        value: expect.any(Number),
        interval: { low: expect.any(Number), high: expect.any(Number) },
      })
      const printed = await r1('diff', 'whole', 'other')
      expect(printed.stdout).toMatch(/First different step: 3 \(.*reward/)
    },
    LONG,
  )

  it.each([
    [['whole@7'], /whole: it has no checkpoint of step 7\. Expected one of 1, 2, 3\./],
    [['whole@1', '--set', 'lora.rank=4'], /lora is .*a checkpoint keeps its lora/],
    [['nowhere'], /nowhere: there is no run in this folder/],
  ])('%j is a mistake in one sentence', async (args, message) => {
    const { code, stderr } = await r1('fork', ...args, '--run', 'never')
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})
