import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRun, type Run } from '../run/folder.ts'
import { watch } from './watch.ts'

let root: string
let run: Run
beforeEach(async () => {
  vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(2e8)
  root = mkdtempSync(join(tmpdir(), 'r1-watch-'))
  run = await createRun(join(root, 'one'), {
    recipe: 'r1-zero',
    version: '0.1.0',
    seed: 1,
    created: '2026-11-24T10:00:00.000Z',
    config: { grpo: { steps: 40 } },
    sources: {},
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  run.close()
  rmSync(root, { recursive: true })
})

const log = (...steps: number[]) => {
  for (const step of steps) {
    run.log({ step, accuracy: step / 100, loss: step % 2 === 0 ? 1 : Number.NaN })
    run.logTiming({ step, sampleSeconds: 2, trainSeconds: 1 })
  }
}

function screen(isTTY: boolean, rows = 24) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, rows })
  let written = ''
  stream.on('data', (data) => {
    written += data
  })
  return { output: stream as unknown as NodeJS.WriteStream, written: () => written }
}
const flags = { interval: 0.05 }

describe('where there is no terminal', () => {
  it('draws every metric once, each over the whole run, and constants in one line', async () => {
    log(1, 2, 3, 4, 5)
    run.log({ step: 4, evaluation: { pass1: 0.5 } })
    const { output, written } = screen(false)
    await watch(run.folder, flags, output)
    expect(written().replace(/ +$/gm, '')).toBe(
      `one  r1-zero  running  step 5/40  1 min 45 s left
accuracy                 ▁▃▄▆█                     5.0 %  1.0 % … 5.0 %
held-out pass@1          ▄                        50.0 %  50.0 % … 50.0 %
loss                      ▄ ▄                          1  1 … 1
constant: sampling 2 s, training 1 s, memory 200 MB
`,
    )
  })

  it('fits into 60 columns', async () => {
    log(1, 2, 3, 4, 5)
    const { output, written } = screen(false)
    await watch(run.folder, flags, Object.assign(output, { columns: 60 }))
    for (const line of written().split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(written()).toMatch(/^accuracy +▁▃▄▆█ +5\.0 %$/m)
  })

  it('a run without a step yet, and one that has ended', async () => {
    const { output, written } = screen(false)
    await watch(run.folder, flags, output)
    await run.finish({})
    run.close()
    await watch(run.folder, flags, output)
    expect(written()).toBe('one  r1-zero  running  step 0/40\none  r1-zero  finished  step 0/40\n')
  })

  it('a folder without a run', async () => {
    await expect(watch(root, flags, screen(false).output)).rejects.toThrow(/there is no run in this folder/)
  })
})

describe('at a terminal', () => {
  it('draws over the last drawing while the run grows, and ends with it', async () => {
    log(1)
    const { output, written } = screen(true, 4)
    const ended = watch(run.folder, flags, output)
    await expect.poll(written).toContain('step 1/40')
    log(2, 3)
    await expect.poll(written).toContain('step 3/40')
    await run.finish({})
    run.close()
    await ended
    const drawings = written().split('\x1b[3A\x1b[J')
    expect(drawings.length).toBeGreaterThan(2)
    // What does not fit is left out, or the next drawing would not cover it.
    for (const drawing of drawings) expect(drawing.trimEnd().split('\n')).toHaveLength(3)
    expect(drawings.at(-1)).toMatch(/^one {2}r1-zero {2}finished {2}step 3\/40\naccuracy +▁▅█ /)
  })

  it('Ctrl-C ends it at once', async () => {
    const { output, written } = screen(true)
    const ended = watch(run.folder, { interval: 3600 }, output)
    await expect.poll(written).toContain('step 0/40')
    process.emit('SIGINT')
    await ended
  })
})
