/** SIGKILL at random moments: the folder is always whole, and the end is that of a run never interrupted. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { randomStream } from '../../src/random.ts'
import { newestCheckpoint } from '../../src/run/checkpoint.ts'
import { readFinished } from '../../src/run/folder.ts'
import { readMetrics } from '../../src/run/metrics.ts'

const STEPS = 60
const KILLS = 16
const root = mkdtempSync(join(tmpdir(), 'r1-kill-'))
afterAll(() => rmSync(root, { recursive: true }))

const start = (folder: string) =>
  spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'run-loop.ts'), folder, String(STEPS)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
const contents = (folder: string) => [
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8'),
  readdirSync(join(folder, 'rollouts'))
    .sort()
    .map((name) => [name, readFileSync(join(folder, 'rollouts', name), 'utf8')]),
  readdirSync(join(folder, 'checkpoints')).sort(),
  readFinished(folder),
]

it(`${KILLS} kills change nothing`, async () => {
  const uninterrupted = join(root, 'uninterrupted')
  await once(start(uninterrupted), 'exit')
  const killed = join(root, 'killed')
  const random = randomStream(1, 'kills')
  let kills = 0
  for (let i = 0; i < KILLS; i++) {
    const child = start(killed)
    const exit = once(child, 'exit')
    const whileResuming = random.chance(0.25)
    if (!whileResuming) await Promise.race([once(child.stdout, 'data'), exit])
    await Promise.race([setTimeout(random.integer(0, whileResuming ? 500 : 60)), exit])
    child.kill('SIGKILL')
    const [, signal] = (await exit) as [number | null, string | null]
    if (signal === 'SIGKILL') kills++
    const { skipped } = await newestCheckpoint(join(killed, 'checkpoints'))
    expect(skipped).toEqual([])
    let last = 0
    for await (const { step } of readMetrics(join(killed, 'metrics.jsonl'))) {
      expect(step === last || step === last + 1).toBe(true)
      last = step
    }
    if (readFinished(killed) !== undefined) break
  }
  expect(kills).toBeGreaterThan(3)
  await once(start(killed), 'exit')
  expect(contents(killed)).toEqual(contents(uninterrupted))
})
