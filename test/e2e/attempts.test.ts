/** What the authors tried and dropped, in small: every way to answer is in the table, and tree search comes to its end. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { readFinished } from '../../src/run/folder.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-attempts-'))
afterAll(() => rmSync(root, { recursive: true }))

const SETTINGS = {
  data: { questions: 24, samples: 4, heldOut: 8 },
  training: { epochs: 1, batchSize: 16, learningRate: 5e-4 },
  search: { simulations: 3, width: 2 },
  grpo: { steps: 2, questionsPerStep: 2, groupSize: 4, minibatches: 1, maxTokens: 60 },
  evaluation: { questions: 4, requests: 2, samples: 4, maxTokens: 60 },
}
const lines = (...path: string[]) =>
  readFileSync(join(root, 'run', ...path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

it('r1 train attempts', { timeout: 300_000 }, async () => {
  const settings = join(root, 'settings.json')
  const run = join(root, 'run')
  writeFileSync(settings, JSON.stringify(SETTINGS))
  const bin = resolve(import.meta.dirname, '../../bin/r1.mjs')
  const args = [bin, 'train', 'attempts', '--config', settings, '--run', run, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { models } = JSON.parse(stdout) as { models: Record<string, { pass1: number }> }
  expect(Object.keys(models)).toEqual([
    'one response',
    'majority',
    'best by process reward',
    'of half as many',
    'tree search',
    'majority of as many tokens',
    'trained by process reward',
  ])
  for (const { pass1 } of Object.values(models)) expect(pass1).toEqual(expect.any(Number))

  expect(readFinished(join(run, 'step-data'))!.responses).toBe(24 * 4)
  const [judge, value] = ['process-rm', 'value-model'].map((stage) => readFinished(join(run, stage))!)
  // The same places, labelled by rules and by the answer.
  expect(judge!.n).toBe(value!.n)
  expect(Number(judge!.n)).toBeGreaterThan(8 * 4)
  expect(judge!.oneSided).not.toBe(value!.oneSided)

  const searched = lines('tree-search', 'evaluations', 'search.jsonl')
  expect(searched).toHaveLength(4)
  for (const { stopReason, tokens } of searched)
    expect(stopReason === 'stop' || tokens.length === 60).toBe(true)
  expect(searched.some(({ text }) => text.includes('answer'))).toBe(true)

  // The verifier measures, the process reward teaches.
  const steps = lines('process-reward', 'metrics.jsonl').filter(({ evaluation }) => evaluation === undefined)
  expect(steps).toHaveLength(2)
  for (const step of steps) {
    expect(step.accuracy).toBeTypeOf('number')
    expect(step.reward).toBeCloseTo(step.format + step.process, 6)
  }
})
