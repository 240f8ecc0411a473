/**
 * A warm pool of sandboxes for each language and memory limit: at most one for each core but one, started as they
 * are needed. One that was killed, crashed or is worn is replaced. Idle sandboxes never keep this process alive,
 * and end with it.
 */
import { availableParallelism } from 'node:os'
import { SandboxError } from '../../errors.ts'
import { type SandboxProcess, startSandbox } from './sandbox-process.ts'
import type { Job, SandboxStart, TestRun } from './sandbox-protocol.ts'

type Language = SandboxStart['language']

interface Pool {
  language: Language
  memoryBytes: number
  /** Starting ones too. */
  members: Set<SandboxProcess>
  idle: SandboxProcess[]
  waiting: { resolve(sandbox: SandboxProcess): void; reject(error: Error): void }[]
  numStarting: number
}

const pools = new Map<string, Pool>()
/** Made by the first Python sandbox, in seconds; the others start from it in a fraction of one. */
let snapshot: Uint8Array | undefined

/** Never rejects for what a program does; throws SandboxError where no sandbox can be started. */
export async function runInSandbox(language: Language, memoryMb: number, job: Job): Promise<TestRun> {
  const pool = poolFor(language, memoryMb)
  const sandbox = await lease(pool)
  try {
    return await sandbox.run(job)
  } finally {
    release(pool, sandbox)
  }
}

/** Ends all sandboxes; the next program starts new ones. */
export async function closeSandboxes(): Promise<void> {
  const all = [...pools.values()]
  pools.clear()
  for (const { waiting } of all)
    for (const { reject } of waiting.splice(0)) reject(new SandboxError('the sandboxes were closed'))
  await Promise.all(all.flatMap(({ members }) => [...members].map((sandbox) => sandbox.end())))
}

function poolFor(language: Language, memoryMb: number): Pool {
  const key = `${language} ${memoryMb}`
  let pool = pools.get(key)
  if (pool === undefined) {
    pool = {
      language,
      memoryBytes: memoryMb * 1024 * 1024,
      members: new Set(),
      idle: [],
      waiting: [],
      numStarting: 0,
    }
    pools.set(key, pool)
  }
  return pool
}

function lease(pool: Pool): Promise<SandboxProcess> {
  for (let sandbox = pool.idle.pop(); sandbox !== undefined; sandbox = pool.idle.pop()) {
    if (sandbox.usable) {
      sandbox.ref()
      return Promise.resolve(sandbox)
    }
    pool.members.delete(sandbox)
  }
  const leased = new Promise<SandboxProcess>((resolve, reject) => pool.waiting.push({ resolve, reject }))
  grow(pool)
  return leased
}

function release(pool: Pool, sandbox: SandboxProcess): void {
  if (!sandbox.usable) {
    pool.members.delete(sandbox)
    void sandbox.end()
    grow(pool)
    return
  }
  const next = pool.waiting.shift()
  if (next !== undefined) next.resolve(sandbox)
  else {
    sandbox.unref()
    pool.idle.push(sandbox)
  }
}

/** Starts as many as are waited for. Without a snapshot one Python sandbox starts alone and makes it. */
function grow(pool: Pool): void {
  if (![...pools.values()].includes(pool)) return
  const mostStarting = pool.language === 'python' && snapshot === undefined ? 1 : pool.waiting.length
  const room = Math.max(1, availableParallelism() - 1) - pool.members.size
  const number = Math.min(mostStarting, pool.waiting.length) - pool.numStarting
  for (let i = 0; i < Math.min(room, number); i++) void start(pool)
}

async function start(pool: Pool): Promise<void> {
  pool.numStarting++
  const { language, memoryBytes } = pool
  let begun: SandboxProcess | undefined
  try {
    const known = language === 'python' ? snapshot : undefined
    const sandbox = await startSandbox(language, memoryBytes, known, (sandbox) => {
      begun = sandbox
      pool.members.add(sandbox)
    })
    snapshot ??= sandbox.snapshot
    pool.numStarting--
    release(pool, sandbox)
    grow(pool)
  } catch (cause) {
    pool.numStarting--
    if (begun !== undefined) {
      pool.members.delete(begun)
      void begun.end()
    }
    const error = new SandboxError(`the ${language} sandbox could not be started`, {
      remedy: 'Reinstall the dependencies with npm ci.',
      cause,
    })
    for (const { reject } of pool.waiting.splice(0)) reject(error)
  }
}
