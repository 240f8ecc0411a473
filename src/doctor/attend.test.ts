/** A run that continues: the doctor knows what happened, and reads no more than rules look at. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { readJsonl } from '../disk/jsonl.ts'
import { createRun, openRun, type Run } from '../run/folder.ts'
import { attendRun } from './attend.ts'
import { WINDOW } from './course.ts'
import { examineRun } from './read-run.ts'
import { readRollout } from './rollout-rows.ts'

vi.mock('./rollout-rows.ts', async (original) => {
  const module = await original<typeof import('./rollout-rows.ts')>()
  return { ...module, readRollout: vi.fn(module.readRollout) }
})
const root = mkdtempSync(join(tmpdir(), 'r1-attend-'))
afterAll(() => rmSync(root, { recursive: true }))
beforeEach(() => {
  vi.mocked(readRollout).mockClear()
})

const SETTINGS = { updatesPerRollout: 1, maxTokens: 8, onPolicy: true }
const INFO = { recipe: 'r1-zero', version: '0', seed: 1, created: '2026-11-24T10:00:00.000Z', sources: {} }
const config = { minibatches: 1, innerEpochs: 1, maxTokens: 8 }
/** Truncated from the second step on, wrong throughout, with a part that never varies. */
const metrics = (step: number) => ({
  ...{ step, reward: 0, accuracy: 0, format: 0.5, meanTokens: 8, groupsWithSignal: 0.5 },
  truncatedShare: step > 1 ? 0.75 : 0,
})
const rows = (step: number) =>
  Array.from({ length: 4 }, (_, sample) => ({
    ...{ group: 0, question: 'q', sample, text: `no ${sample}`, tokens: [1, 2] },
    stopReason: step > 1 && sample < 3 ? 'length' : 'stop',
    rewards: { accuracy: 0, polite: 0.5 },
    reward: step > 1 && sample < 3 ? 0 : 0.5,
  }))

/** Trains from one step to another, beside the doctor; the run stays open. */
async function train(run: Run, from: number, to: number): Promise<void> {
  const doctor = await attendRun(run, SETTINGS, {})
  for (let step = from; step <= to; step++) {
    run.log(metrics(step))
    doctor.step(step, metrics(step))
    await run.writeRollouts(step, rows(step))
    const responses = rows(step).map(({ tokens, ...row }) => ({ ...row, tokens: Uint32Array.from(tokens) }))
    doctor.rollout(step, [{ question: { id: 'q' }, rollouts: responses }] as never)
    doctor.look()
  }
}

it('says what it would have said had the run never stopped, and nothing twice', async () => {
  const folder = join(root, 'stopped')
  const run = await createRun(folder, { ...INFO, config })
  await train(run, 1, 3)
  run.close()
  const again = await openRun(folder)
  await train(again, 4, 12)
  again.close()
  const { findings } = await examineRun(folder)
  expect(findings.map(({ rule, step }) => [rule, step])).toEqual([
    ['truncation', 3],
    ['constant-part', 5],
    ['never-right', 5],
  ])
  const logged: unknown[] = []
  for await (const { value } of readJsonl(join(folder, 'findings.jsonl'))) logged.push(value)
  expect(logged).toEqual(JSON.parse(JSON.stringify(findings)))
})

it('reads the newest rollouts alone, however long the run is', async () => {
  const run = await createRun(join(root, 'long'), { ...INFO, config })
  await train(run, 1, 30)
  await attendRun(run, SETTINGS, {})
  const steps = vi.mocked(readRollout).mock.calls.map(([, step]) => step)
  expect(steps).toEqual([26, 27, 28, 29, 30])
  expect(steps).toHaveLength(WINDOW)
  run.close()
})
