import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { frame, frameReader } from './frames.ts'
import { OutputBuffer } from './runtime.ts'
import { startSandbox } from './sandbox-process.ts'
import type { Job } from './sandbox-protocol.ts'

const PATIENCE = 600_000
const onLinux = existsSync('/proc/self/environ')
const job = (program: string): Job => ({
  program: { versions: [program], fenced: true },
  tests: { kind: 'stdio', tests: [{ input: '', output: '7' }], language: 'javascript', tolerance: 0 },
  limits: { secondsPerTest: 3600, secondsTotal: 3600, outputBytes: 1000 },
})
const lives = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a sandbox', async () => {
  const sandbox = await startSandbox('javascript', 64 * 1024 * 1024, undefined, () => {})
  afterAll(() => sandbox.end())

  it('runs one job after another', async () => {
    for (const [text, numPassed] of [
      ['console.log(7)', 1],
      ['console.log(8)', 0],
      ['console.log(7)', 1],
    ] as const)
      expect(await sandbox.run(job(text))).toMatchObject({ numPassed })
  })

  it.skipIf(!onLinux)('has no environment and no files of its parent (needs /proc)', () => {
    expect(readFileSync(`/proc/${sandbox.pid}/environ`, 'utf8')).toBe('')
    const files = readdirSync(`/proc/${sandbox.pid}/fd`).map((fd) =>
      readlinkSync(`/proc/${sandbox.pid}/fd/${fd}`),
    )
    // What it was given is a channel, an end of standard error and the null device; the rest is Node's own.
    expect(files.filter((file) => !/^(socket|pipe|anon_inode):|^\/dev\/null$|io_uring/.test(file))).toEqual(
      [],
    )
  })

  it(
    'that is killed ends its job and nothing else',
    async () => {
      const victim = await startSandbox('javascript', 64 * 1024 * 1024, undefined, () => {})
      const run = victim.run(job('for (;;) {}'))
      process.kill(victim.pid!, 'SIGKILL')
      expect(await run).toMatchObject({ failure: { fault: { kind: 'crash' } } })
      expect(victim.usable).toBe(false)
      expect(await victim.run(job('console.log(7)'))).toMatchObject({ failure: { fault: { kind: 'crash' } } })
    },
    PATIENCE,
  )

  it(
    'ends with its parent, whatever it is doing',
    async () => {
      const source = `
        import { startSandbox } from ${JSON.stringify(new URL('./sandbox-process.ts', import.meta.url).href)}
        const sandbox = await startSandbox('javascript', 2 ** 26, undefined, () => {})
        void sandbox.run(${JSON.stringify(job('for (;;) {}'))})
        console.log(sandbox.pid)`
      const parent = spawn(
        process.execPath,
        ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', source],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const pid = await new Promise<number>((resolve) => {
        parent.stdout.once('data', (text) => resolve(Number(text)))
      })
      expect(lives(pid)).toBe(true)
      parent.kill('SIGKILL')
      while (lives(pid)) await sleep(50)
    },
    PATIENCE,
  )
})

describe('frames', () => {
  it('arrive whole, however they are cut', () => {
    const sent = ['', 'a', 'x'.repeat(1000), ''].map((text) => new TextEncoder().encode(text))
    const bytes = Buffer.concat(sent.map(frame))
    for (const size of [1, 3, 7, 4096]) {
      const got: Uint8Array[] = []
      const read = frameReader(
        () => 1000,
        (body) => got.push(body),
      )
      for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
      expect(got.map((body) => body.length)).toEqual([0, 1, 1000, 0])
    }
  })

  it('that are too long are refused before they are read', () => {
    const read = frameReader(
      () => 10,
      () => {},
    )
    expect(() => read(frame(new Uint8Array(11)).subarray(0, 4))).toThrow(RangeError)
  })
})

describe('output', () => {
  it('costs what it holds, in however many pieces', () => {
    const output = new OutputBuffer(10)
    for (let i = 0; i < 100_000; i++) output.append(new Uint8Array())
    for (const text of ['héllo', 'abcd']) expect(output.append(new TextEncoder().encode(text))).toBe(true)
    expect(output.append(new Uint8Array(1))).toBe(false)
    expect(output.text()).toBe('hélloabcd')
  })
})
