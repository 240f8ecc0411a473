import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CheckpointError, ConfigError, DataError } from '../errors.ts'
import {
  createRun,
  METRICS,
  newRunFolder,
  openRun,
  type Run,
  type RunInfo,
  readFinished,
  readRunInfo,
  runStatus,
} from './folder.ts'
import { readMetrics } from './metrics.ts'

const info: RunInfo = {
  recipe: 'r1-zero',
  version: '0.1.0',
  seed: 1,
  created: '2026-11-23T00:00:00.000Z',
  config: { steps: 9 },
  sources: { steps: 'default' },
}

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'r1-run-'))
  folder = join(root, 'run')
})
afterEach(() => rmSync(root, { recursive: true }))

const metrics = () => readFileSync(join(folder, METRICS), 'utf8')
const write = (_: string) => Promise.resolve()

async function steps(run: Run, from: number, to: number): Promise<void> {
  for (let step = from; step <= to; step++) {
    run.log({ step, reward: step / 10 })
    await run.writeRollouts(step, [{ step, text: 'x\u2028y' }])
    if (step % 2 === 0) {
      run.log({ step, evaluation: { pass1: step / 20 } })
      await run.writeEvaluation(`step-${String(step).padStart(6, '0')}`, { pass1: step / 20 })
    }
    if (step % 3 === 0) await run.saveCheckpoint({ step, state: { step }, write, keep: 2 })
  }
}

describe('a run', () => {
  it('writes its config first, with what made it, and refuses a folder that is taken', async () => {
    const run = await createRun(folder, info)
    const made = {
      commit: expect.stringMatching(/^[0-9a-f]{10}/),
      machine: expect.stringMatching(/cores of/),
    }
    expect(readRunInfo(folder)).toEqual({ ...info, made })
    run.close()
    await expect(createRun(folder, info)).rejects.toThrow(/already holds a run\. Continue it with --resume/)
    writeFileSync(join(root, 'notes.txt'), '')
    await expect(createRun(root, info)).rejects.toThrow(/is not empty and holds no run/)
    expect(readdirSync(root).sort()).toEqual(['notes.txt', 'run'])
  })

  it('cannot be opened twice', async () => {
    const run = await createRun(folder, info)
    await expect(openRun(folder)).rejects.toThrow(/is writing this run/)
    run.close()
    ;(await openRun(folder)).close()
  })

  it('that is missing or torn is named', async () => {
    await expect(openRun(folder)).rejects.toThrow(ConfigError)
    expect(existsSync(folder)).toBe(false)
    ;(await createRun(folder, info)).close()
    writeFileSync(join(folder, 'config.json'), '{"recipe"')
    await expect(openRun(folder)).rejects.toThrow(CheckpointError)
    expect(runStatus(folder)).toBe('broken')
  })

  it('goes through running, stopped and finished', async () => {
    const run = await createRun(folder, info)
    expect(runStatus(folder)).toBe('running')
    run.close()
    expect(runStatus(folder)).toBe('stopped')
    const again = await openRun(folder)
    await again.finish({ steps: 9 })
    expect(runStatus(folder)).toBe('finished')
    again.close()
    expect(runStatus(folder)).toBe('finished')
    expect(readFinished(folder)).toEqual({ steps: 9 })
    const longer = await openRun(folder)
    await longer.resume()
    longer.close()
    expect(runStatus(folder)).toBe('stopped')
  })
})

describe('resume', () => {
  it('cuts everything after the newest checkpoint, so that the files equal those of an uninterrupted run', async () => {
    const whole = await createRun(folder, info)
    await steps(whole, 0, 9)
    whole.close()
    const expected = metrics()
    rmSync(folder, { recursive: true })

    const run = await createRun(folder, info)
    await steps(run, 0, 8)
    run.close()
    writeFileSync(join(folder, METRICS), '{"step": 9, "rew', { flag: 'a' })
    writeFileSync(join(folder, 'rollouts', '.000009.jsonl.00ff.partial'), 'half')

    const resumed = await openRun(folder)
    const { checkpoint } = await resumed.resume()
    expect(checkpoint?.state).toEqual({ step: 6 })
    expect(metrics().trim().split('\n').at(-1)).toBe('{"step":6,"evaluation":{"pass1":0.3}}')
    expect(readdirSync(join(folder, 'rollouts')).at(-1)).toBe('000006.jsonl')
    expect(readdirSync(join(folder, 'evaluations')).at(-1)).toBe('step-000006.json')
    await steps(resumed, 7, 9)
    resumed.close()
    expect(metrics()).toBe(expected)
    expect(readdirSync(join(folder, 'rollouts'))).toHaveLength(10)
  })

  it('logs the closing evaluation once, and cuts the model', async () => {
    const run = await createRun(folder, info)
    await steps(run, 0, 3)
    await run.logClosing(3, { pass1: 1 })
    const closed = metrics()
    expect(closed.trim().split('\n').at(-1)).toBe('{"step":3,"evaluation":{"pass1":1}}')
    run.close()
    mkdirSync(join(folder, 'model'))
    writeFileSync(join(folder, 'model', '.model.safetensors.00ff.partial'), 'half')

    const resumed = await openRun(folder)
    await resumed.resume()
    await resumed.logClosing(3, { pass1: 1 })
    expect(metrics()).toBe(closed)
    expect(existsSync(join(folder, 'model'))).toBe(false)
    resumed.close()
  })

  it('skips a broken checkpoint and says so', async () => {
    const run = await createRun(folder, info)
    await steps(run, 0, 6)
    run.close()
    writeFileSync(join(folder, 'checkpoints', 'step-000006', 'checkpoint.json'), '{')
    const resumed = await openRun(folder)
    const { checkpoint, skipped } = await resumed.resume()
    resumed.close()
    expect(checkpoint?.step).toBe(3)
    expect(skipped[0]?.message).toMatch(/step-000006\/checkpoint\.json: the manifest/)
    expect(metrics()).not.toMatch(/"step":4/)
    expect(readdirSync(join(folder, 'checkpoints')).sort()).toEqual([
      'broken-step-000006',
      'latest',
      'step-000003',
    ])
  })

  it('without any checkpoint starts over', async () => {
    const run = await createRun(folder, info)
    await steps(run, 1, 2)
    expect((await run.resume()).checkpoint).toBeUndefined()
    run.log({ step: 0 })
    run.close()
    expect(metrics()).toBe('{"step":0}\n')
    expect(readdirSync(join(folder, 'rollouts'))).toEqual([])
  })
})

describe('readMetrics', () => {
  const all = async (window = {}) => {
    const lines = []
    for await (const line of readMetrics(join(root, METRICS), window)) lines.push(line)
    return lines
  }

  it('reads a window, a missing file and a torn last line', async () => {
    expect(await all()).toEqual([])
    writeFileSync(join(root, METRICS), '{"step":1}\n{"step":2}\n{"step":2,"evaluation":{}}\n{"step":3}\n{"st')
    expect(await all({ from: 2, to: 2 })).toEqual([{ step: 2 }, { step: 2, evaluation: {} }])
    expect(await all()).toHaveLength(4)
  })

  it.each([
    ['{"step":1}\n{"st\n{"step":3}\n', /metrics\.jsonl:2/],
    ['{"step":1}\n{"reward":1}\n', /metrics\.jsonl:2: this line has no step/],
  ])('names the place of a bad line in %j', async (text, expected) => {
    writeFileSync(join(root, METRICS), text)
    await expect(all()).rejects.toThrow(DataError)
    await expect(all()).rejects.toThrow(expected)
  })
})

it('newRunFolder numbers runs of the same day', async () => {
  const date = new Date('2026-11-23T12:00:00Z')
  const first = newRunFolder(root, 'r1-zero', 1, date)
  expect(first).toBe(join(root, '2026-11-23-r1-zero-seed1'))
  ;(await createRun(first, info)).close()
  expect(newRunFolder(root, 'r1-zero', 1, date)).toBe(`${first}-2`)
})
