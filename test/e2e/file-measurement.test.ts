/**
 * The law of one-measurement.test.ts for a task that is a file: the held-out rows in a file of their own, without ids, are
 * asked in the run's words and drawn as training drew them, by `r1 eval` on the run and on a server of it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openServedModel } from '../../src/server/openai/served-model.ts'
import { startServer } from '../../src/server/server.ts'
import { settings, startR1 } from '../r1-process.ts'

const LONG = 600_000
const folder = mkdtempSync(join(tmpdir(), 'r1-file-measurement-'))
afterAll(() => rmSync(folder, { recursive: true }))

const INSTRUCTION = 'try'
const puzzles = [
  [[3, 7, 9], 30],
  [[2, 5, 8], 18],
  [[4, 6, 9], 15],
  [[5, 6, 10], 21],
  [[1, 2, 3], 6],
  [[2, 3, 4], 10],
].map(([numbers, target]) => ({ numbers, target }))
const sums = [
  { question: 'Compute 3 + 4', answer: '7' },
  { question: 'Compute 5 + 6', answer: '11' },
]
const training = [...puzzles.slice(0, 3), sums[0]]
const heldOut = [...puzzles.slice(3), sums[1]]
const written = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n')

const DECODING = ['--seed', '3', '--samples', '3', '--temperature', '0.8', '--max-tokens', '96']
const KEYS = [
  'n',
  'pass1',
  'passK',
  'consK',
  'meanTokens',
  'meanThinkingTokens',
  'formatShare',
  'answeredShare',
]
const figuresIn = (record: Record<string, unknown>) => KEYS.map((key) => [key, record[key]])

async function r1(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await startR1(folder, args).ended
  expect(code, stderr).toBe(0)
  return stdout
}
const evaluated = async (...args: string[]) =>
  figuresIn(JSON.parse(await r1('eval', ...args, '--benchmark', 'held-out.jsonl', ...DECODING, '--json')))

it('of a file, its rows in another file', { timeout: LONG }, async () => {
  writeFileSync(join(folder, 'all.jsonl'), written([...training, ...heldOut]))
  writeFileSync(join(folder, 'held-out.jsonl'), written(heldOut))
  const config = settings({
    task: 'all.jsonl',
    instruction: INSTRUCTION,
    'grpo.steps': 1,
    'grpo.groupSize': 2,
    'grpo.questionsPerStep': 1,
    'grpo.minibatches': 1,
    'grpo.maxTokens': 96,
    'evaluation.questions': heldOut.length,
    'evaluation.samples': 3,
    'evaluation.temperature': 0.8,
  })
  await r1('train', 'r1-zero', '--run', 'run', '--seed', '3', ...config)
  const record = JSON.parse(readFileSync(join(folder, 'run/evaluations/trained.json'), 'utf8'))
  const trained = figuresIn(record)
  expect(record.n).toBe(heldOut.length)
  expect(record.meanThinkingTokens).toBeGreaterThan(1)

  expect(await evaluated('run')).toEqual(trained)

  const model = await openServedModel({ id: 'here', path: join(folder, 'run') }, 64)
  const server = await startServer({ models: [model], reasoning: 'separate', runs: folder, port: 0 })
  try {
    const endpoint = ['--endpoint', `${server.url}/v1`, '--api-model', 'here', '--instruction', INSTRUCTION]
    expect(await evaluated(...endpoint)).toEqual(trained)
  } finally {
    await server.drain(0)
    model.model.close()
  }
})
