/** The paper in miniature, in small: two seeds, one of them stopped and gone on with, and a page with a verdict for every claim. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { readFinished } from '../../src/run/folder.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-reproduce-'))
afterAll(() => rmSync(root, { recursive: true }))

const shape = { hiddenSize: 32, intermediateSize: 64, numLayers: 2, numHeads: 4, numKeyValueHeads: 2 }
const grpo = { steps: 2, questionsPerStep: 2, groupSize: 4, maxTokens: 60 }
const data = { questions: 48, samples: 4, demonstrations: 4 }
const sft = { epochs: 1, batchSize: 16 }
const evaluation = { questions: 2, requests: 2, samples: 2, maxTokens: 60 }
const SETTINGS = {
  r1: {
    zero: { grpo },
    coldStart: data,
    dev1: sft,
    dev2: { grpo },
    data,
    dev3: sft,
    rewardModels: { pairs: 8, labels: 8, heldOut: 4, training: { batchSize: 8 } },
    r1: { grpo, generalSteps: 1 },
    evaluation,
  },
  distill: {
    data,
    students: [
      {
        name: 'tiny',
        pretrain: {
          model: { architecture: 'llama', ...shape },
          pretrain: { steps: 2, batchTokens: 512 },
          evaluation: { questions: 2, samples: 2 },
        },
      },
    ],
    sft,
    reinforcement: { grpo },
    evaluation,
  },
  attempts: {
    data: { questions: 12, samples: 4, heldOut: 4 },
    training: { epochs: 1, batchSize: 16 },
    search: { simulations: 2, width: 2 },
    grpo,
    evaluation,
  },
}

it('r1 reproduce', { timeout: 400_000 }, async () => {
  const settings = join(root, 'settings.json')
  writeFileSync(settings, JSON.stringify(SETTINGS))
  const bin = resolve(import.meta.dirname, '../../bin/r1.mjs')
  const runs = join(root, 'runs')
  const reproduce = [bin, 'reproduce', '--config', settings, '--run', runs, '--json']
  const args = [...reproduce, '--seeds', '1,2']

  // One stage of a seed that is not begun, and a page that says so little.
  await promisify(execFile)(process.execPath, [...reproduce, '--seeds', '2', '--only', 'zero'])
  expect(
    readdirSync(join(runs, 'seed-2'), { withFileTypes: true }).filter((entry) => entry.isDirectory()),
  ).toEqual([expect.objectContaining({ name: 'zero' })])

  const stopped = spawn(process.execPath, args, { stdio: 'ignore' })
  while (!existsSync(join(runs, 'seed-1', 'zero', 'finished.json'))) await setTimeout(50)
  stopped.kill('SIGINT')
  await once(stopped, 'close')
  expect(readFinished(join(runs, 'seed-1'))).toBeUndefined()
  const kept = readFileSync(join(runs, 'seed-1', 'zero', 'metrics.jsonl'), 'utf8')

  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { page, runs: folders } = JSON.parse(stdout) as { page: string; runs: string[] }
  expect(folders).toEqual([join(runs, 'seed-1'), join(runs, 'seed-2')])
  for (const folder of folders) expect(readFinished(folder)).toBeDefined()
  expect(readFileSync(join(runs, 'seed-1', 'zero', 'metrics.jsonl'), 'utf8')).toBe(kept)

  const text = readFileSync(page, 'utf8')
  expect(text).toMatch(/npx r1 reproduce --config .* --run .* --seeds 1,2/)
  const verdicts = text.split('\n').filter((line) => /\| (?:fails|holds) in .* \|$/.test(line))
  expect(verdicts).toHaveLength(20)
  expect(verdicts.filter((line) => line.includes('on the small model: tiny'))).toHaveLength(1)
  for (const figure of text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g))
    expect(existsSync(join(runs, figure[1]!)), figure[1]).toBe(true)
})
