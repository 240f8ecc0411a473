/**
 * One sandbox as this process sees it: a child process that is given jobs and reports on them. Nothing that it says
 * can take long to read: reports are short frames, and a longer one is the end of it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { CHANNEL, frame, frameHeader, frameReader } from './frames.ts'
import { needsTsx, ownFile, tsxModule } from './own-file.ts'
import type { Fault, Job, Report, SandboxStart, TestRun } from './sandbox-protocol.ts'

export interface SandboxProcess {
  /** False once it must not be given another job. */
  readonly usable: boolean
  readonly pid: number | undefined
  /** The interpreter's memory, where this sandbox was started without one. */
  readonly snapshot: Uint8Array | undefined
  /** Never rejects: whatever goes wrong inside is a fault in the result. */
  run(job: Job): Promise<TestRun>
  /** Whether a job or a start in progress keeps this process alive. */
  ref(): void
  unref(): void
  /** Kills it and waits for its end. */
  end(): Promise<void>
}

const MAX_REPORT_BYTES = 64 * 1024
const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024
/** What a sandbox that cannot start may say about it. */
const MAX_COMPLAINT = 2000

/** Rejects where it cannot be started. `begun` is called at once, with what keeps the process alive meanwhile. */
export function startSandbox(
  language: SandboxStart['language'],
  memoryBytes: number,
  known: Uint8Array | undefined,
  begun: (sandbox: SandboxProcess) => void,
): Promise<SandboxProcess> {
  const child = spawnEntry()
  const channel = child.stdio[CHANNEL] as Socket
  const stderr = child.stderr as Socket
  let snapshot: Uint8Array | undefined
  let usable = true
  let isReady = false
  let complaint = ''
  let listen: (report: Report) => void = () => {}

  const closed = new Promise<void>((resolve) => {
    const gone = (why: string) => {
      usable = false
      listen({ type: 'ended', fault: { kind: 'crash', detail: why }, numPassed: null })
      resolve()
    }
    child.once('error', (error) => gone(error.message))
    child.once('close', (code, signal) => gone(`the sandbox ended with ${signal ?? `exit code ${code}`}`))
  })

  const take = frameReader(
    () => (isReady ? MAX_REPORT_BYTES : MAX_SNAPSHOT_BYTES),
    (body) => {
      if (!isReady && language === 'python' && known === undefined && snapshot === undefined) snapshot = body
      else listen(JSON.parse(new TextDecoder().decode(body)) as Report)
    },
  )
  channel.on('data', (chunk: Uint8Array) => {
    try {
      take(chunk)
    } catch {
      child.kill('SIGKILL')
    }
  })
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, MAX_COMPLAINT)
  })
  // A sandbox that dies while it is written to says so by its end.
  channel.on('error', () => {})
  channel.write(
    frame(serialize({ language, memoryBytes, hasSnapshot: known !== undefined } satisfies SandboxStart)),
  )
  if (known !== undefined) {
    // Without a copy of its many megabytes.
    channel.write(frameHeader(known.length))
    channel.write(known)
  }

  const sandbox: SandboxProcess = {
    get usable() {
      return usable
    },
    get snapshot() {
      return snapshot
    },
    pid: child.pid,
    run,
    ref: () => keepAlive('ref'),
    unref: () => keepAlive('unref'),
    async end() {
      usable = false
      keepAlive('ref')
      child.kill('SIGKILL')
      await closed
    },
  }
  begun(sandbox)

  return new Promise((resolve, reject) => {
    listen = (report) => {
      if (report.type === 'ready') {
        isReady = true
        listen = () => {}
        return resolve(sandbox)
      }
      const why =
        report.type === 'ended' ? report.fault.detail : report.type === 'failed' ? report.reason : ''
      reject(new Error([why, complaint].filter((text) => text).join('\n')))
    }
  })

  function run(job: Job): Promise<TestRun> {
    if (!usable) return Promise.resolve(cutShort(null, { kind: 'crash', detail: 'the sandbox is gone' }))
    return new Promise((resolve) => {
      listen = (report) => {
        if (report.type === 'done') settle(report.run, !report.worn)
        else if (report.type === 'ended') settle(cutShort(report.numPassed, report.fault), false)
      }
      const settle = (result: TestRun, stillUsable: boolean) => {
        listen = () => {}
        usable &&= stillUsable
        resolve(result)
      }
      channel.write(frame(serialize(job)))
    })
  }

  function keepAlive(what: 'ref' | 'unref'): void {
    child[what]()
    channel[what]()
    stderr[what]()
  }
}

const cutShort = (numPassed: number | null, fault: Fault): TestRun => ({
  numPassed: numPassed ?? 0,
  failure: { fault, loading: numPassed === null },
})

function spawnEntry(): ChildProcess {
  const { entry, args } = sandboxCommand()
  return spawn(process.execPath, [...args, entry], {
    // Windows cannot start a program without it.
    env: process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {},
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
}

/** A sandbox may read its code and its packages, and nothing else. Loading it by tsx needs more than that. */
function sandboxCommand(): { entry: string; args: string[] } {
  const entry = fileURLToPath(ownFile('sandbox-entry'))
  const args = ['--no-warnings', '--max-old-space-size=256']
  if (needsTsx) return { entry, args: [...args, '--import', tsxModule('tsx')] }
  const ours = fileURLToPath(new URL('../../', import.meta.url))
  const folders = [ours, ...(createRequire(import.meta.url).resolve.paths('pyodide') ?? [])]
  const readable = folders.filter(existsSync).map((folder) => `--allow-fs-read=${realpathSync(folder)}`)
  return { entry, args: [...args, ...permission(), ...readable] }
}

function permission(): string[] {
  const flags = process.allowedNodeEnvironmentFlags
  const name = ['--permission', '--experimental-permission'].find((flag) => flags.has(flag))
  return name === undefined ? [] : [name, '--allow-worker']
}
