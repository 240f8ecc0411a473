/** R1-Zero on files of several kinds: each row's own verifier judges it, and the time of that is known. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { settings, startR1 } from '../r1-process.ts'

const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-kinds-'))
afterAll(() => rmSync(folder, { recursive: true }))
interface Row {
  prompt: string
  rewards: Record<string, number | null>
  verifySeconds: number
  sampleSeconds: number
}
const rows = (...path: string[]) =>
  readFileSync(join(folder, ...path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

const BASE = settings({
  'model.hiddenSize': 32,
  'model.intermediateSize': 64,
  'model.numLayers': 1,
  'model.numHeads': 4,
  'model.numKeyValueHeads': 2,
  'model.maxPositions': 1024,
  'corpus.maxTokens': 160,
  'pretrain.steps': 1,
  'pretrain.batchTokens': 512,
  'pretrain.warmupSteps': 1,
  'evaluation.questions': 1,
  'evaluation.samples': 1,
})
const TRAIN = settings({
  model: 'base',
  task: 'mixed.jsonl,mbpp-train.jsonl',
  'grpo.steps': 2,
  'grpo.groupSize': 2,
  'grpo.questionsPerStep': 4,
  'grpo.minibatches': 1,
  'grpo.maxTokens': 8,
  'evaluation.questions': 2,
  'evaluation.samples': 1,
})

it(
  'trains on choices, mathematics and programs at once',
  async () => {
    const mixed = [
      { question: 'Which is a colour?', choices: ['red', 'seven'], answer: 'A' },
      { question: '1 + 1?', answer: '2' },
      { question: 'Held out?', choices: ['yes', 'no'], answer: 'A' },
      { question: '2 + 2?', answer: '4' },
    ]
    writeFileSync(join(folder, 'mixed.jsonl'), mixed.map((row) => JSON.stringify(row)).join('\n'))
    copyFileSync(join(import.meta.dirname, '../data/mbpp-train.jsonl'), join(folder, 'mbpp-train.jsonl'))
    for (const args of [
      ['pretrain', '--run', 'base', ...BASE],
      ['train', 'r1-zero', '--no-page', '--run', 'mixed', ...TRAIN],
    ]) {
      const { code, stderr } = await startR1(folder, args).ended
      expect(code, stderr).toBe(0)
    }
    const asked = ['000001', '000002'].flatMap((step) => rows('mixed', 'rollouts', `${step}.jsonl`))
    for (const words of ['Answer with one letter of AB', 'Your function must pass these tests:', '1 + 1?'])
      expect(asked.some(({ prompt }) => prompt.includes(words))).toBe(true)
    // A verdict of each, and none left out.
    for (const { rewards } of asked) expect(rewards.accuracy).toBeTypeOf('number')
    for (const { verifySeconds, sampleSeconds } of rows('mixed', 'timing.jsonl')) {
      expect(verifySeconds).toBeGreaterThan(0)
      expect(verifySeconds).toBeLessThanOrEqual(sampleSeconds)
    }
  },
  LONG,
)
