/** The paper in miniature, in small: a seed that is stopped and continued, and a page with a verdict for every claim. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { CLAIMS } from '../../src/report/claim-list.ts'
import { readFinished } from '../../src/run/folder.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-reproduce-'))
afterAll(() => rmSync(root, { recursive: true }))

it('r1 reproduce', { timeout: 400_000 }, async () => {
  const bin = resolve(import.meta.dirname, '../../bin/r1.mjs')
  const runs = join(root, 'runs')
  const reproduce = [bin, 'reproduce', '--size', 'tiny', '--run', runs, '--json']
  const args = [...reproduce, '--seeds', '1']

  // One stage of another seed, and a page that says so little.
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
  expect(folders).toEqual([join(runs, 'seed-1')])
  for (const folder of folders) expect(readFinished(folder)).toBeDefined()
  expect(readFileSync(join(runs, 'seed-1', 'zero', 'metrics.jsonl'), 'utf8')).toBe(kept)

  const text = readFileSync(page, 'utf8')
  expect(text).toMatch(/npx r1 reproduce --preset tiny --run .* --seeds 1/)
  const verdicts = text.split('\n').filter((line) => /\| (?:fails|holds|not measured).* \|$/.test(line))
  expect(verdicts).toHaveLength(CLAIMS.length + 1)
  // The last one is about its student. A rollout of two questions may ask for no help, and then has no score of it.
  for (const line of verdicts.filter((line) => line.includes('| not measured')))
    expect(line).toMatch(/held too long/i)
  expect(text).toContain('## A second held-out set')
  expect(text).toMatch(/^Claims: docs\/claims\.md.*\.\nRuns: commit [\w-]+; \d+ cores of .*Node/m)
  expect(verdicts.filter((line) => line.includes('on the small model: tiny'))).toHaveLength(1)
  for (const figure of text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g))
    expect(existsSync(join(runs, figure[1]!)), figure[1]).toBe(true)
})
