/**
 * A warm pool of sandbox workers for each language and memory limit: cores less one, at least one. A worker that
 * is killed, crashes or is worn is replaced at once, in the background. Idle workers never keep the process alive.
 */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { SandboxError } from '../../errors.ts'
import type { PythonImage } from './python-interpreter.ts'
import type {
  RunLimits,
  SandboxAnswer,
  SandboxRequest,
  WorkerMessage,
  WorkerStart,
} from './sandbox-protocol.ts'

export interface Sandbox {
  /** Never rejects: whatever goes wrong inside is a fault in the answer. */
  ask(request: SandboxRequest, limits: RunLimits): Promise<SandboxAnswer>
}

interface Member extends Sandbox {
  worker: Worker
  usable: boolean
}

interface Pool {
  start: WorkerStart
  members: Set<Member>
  idle: Member[]
  waiting: { resolve(member: Member): void; reject(error: Error): void }[]
  numStarting: number
}

/** The worker stops itself at its deadline; one that cannot (a loop in C) is killed this much later. */
const GRACE_SECONDS = 0.5
/** Deep recursion in a program uses the thread's own stack. */
const STACK_MB = 16
const HEAP_MB = 512

const pools = new Map<string, Pool>()
let pythonImage: PythonImage | undefined
const require = createRequire(import.meta.url)

/** Lends a sandbox to `work`. Throws SandboxError where none can be started. */
export async function withSandbox<T>(
  language: WorkerStart['language'],
  memoryMb: number,
  work: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const pool = poolFor(language, memoryMb)
  const member = await lease(pool)
  try {
    return await work(member)
  } finally {
    release(pool, member)
  }
}

/** Ends all workers; the next program starts new ones. */
export async function closeSandboxes(): Promise<void> {
  const all = [...pools.values()]
  pools.clear()
  for (const { waiting } of all)
    for (const { reject } of waiting) reject(new SandboxError('the sandboxes were closed'))
  await Promise.all(all.flatMap(({ members }) => [...members].map(({ worker }) => worker.terminate())))
}

function poolFor(language: WorkerStart['language'], memoryMb: number): Pool {
  const key = `${language} ${memoryMb}`
  let pool = pools.get(key)
  if (pool === undefined) {
    const start: WorkerStart = { language, memoryBytes: memoryMb * 1024 * 1024 }
    if (language === 'python') start.folder = dirname(require.resolve('pyodide/pyodide.mjs'))
    pool = { start, members: new Set(), idle: [], waiting: [], numStarting: 0 }
    pools.set(key, pool)
  }
  return pool
}

async function lease(pool: Pool): Promise<Member> {
  const member = pool.idle.pop()
  if (member !== undefined) {
    member.worker.ref()
    return member
  }
  const leased = new Promise<Member>((resolve, reject) => pool.waiting.push({ resolve, reject }))
  grow(pool)
  for (const { worker } of pool.members) worker.ref()
  return leased
}

function release(pool: Pool, member: Member): void {
  if (!member.usable) {
    pool.members.delete(member)
    void member.worker.terminate()
    grow(pool)
    return
  }
  const next = pool.waiting.shift()
  if (next !== undefined) next.resolve(member)
  else {
    member.worker.unref()
    pool.idle.push(member)
  }
}

/** Fills the pool. The first Python worker makes the image from which the others start. */
function grow(pool: Pool): void {
  if (![...pools.values()].includes(pool)) return
  const size = Math.max(1, availableParallelism() - 1)
  const makesImage = pool.start.language === 'python' && pythonImage === undefined
  const room = makesImage ? 1 - pool.numStarting : size - pool.members.size
  for (let i = 0; i < room; i++) void start(pool)
}

async function start(pool: Pool): Promise<void> {
  pool.numStarting++
  const image = pool.start.language === 'python' && pythonImage !== undefined ? { image: pythonImage } : {}
  const worker = spawn({ ...pool.start, ...image })
  const member: Member = { worker, usable: true, ask: (request, limits) => ask(member, request, limits) }
  pool.members.add(member)
  if (pool.waiting.length === 0) worker.unref()
  try {
    const { image: made } = await ready(worker)
    pythonImage ??= made
    pool.numStarting--
    release(pool, member)
    if (pool.waiting.length > 0) grow(pool)
  } catch (cause) {
    pool.numStarting--
    pool.members.delete(member)
    const error = new SandboxError(`the ${pool.start.language} sandbox could not be started`, {
      remedy: 'Reinstall the dependencies with npm ci.',
      cause,
    })
    for (const { reject } of pool.waiting.splice(0)) reject(error)
  }
}

function spawn(workerData: WorkerStart): Worker {
  const options = {
    workerData,
    env: {},
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, stackSizeMb: STACK_MB },
  }
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const entry = new URL(`./sandbox-worker.${extension}`, import.meta.url)
  if (extension === 'js') return new Worker(entry, options)
  // A worker of a checkout registers tsx itself: on Node 20 it takes no loader from execArgv.
  const tsx = pathToFileURL(require.resolve('tsx/esm/api')).href.replace(/\.cjs$/, '.mjs')
  const source = `import { register } from '${tsx}'; register(); await import('${entry.href}')`
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), options)
}

function ready(worker: Worker): Promise<Extract<WorkerMessage, { type: 'ready' }>> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)))
  })
}

function ask(member: Member, request: SandboxRequest, limits: RunLimits): Promise<SandboxAnswer> {
  if (!member.usable) return Promise.resolve({ fault: { kind: 'crash', detail: 'the worker is gone' } })
  const { worker } = member
  return new Promise((resolve) => {
    const settle = (answer: SandboxAnswer, usable: boolean) => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      member.usable = usable
      resolve(answer)
    }
    const onMessage = (message: WorkerMessage) => {
      if (message.type === 'answer') settle(message.answer, !message.worn)
    }
    const onError = (error: NodeJS.ErrnoException) => {
      const kind = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory limit' : 'crash'
      settle({ fault: { kind, detail: String(error) } }, false)
    }
    const onExit = () => settle({ fault: { kind: 'crash', detail: 'the worker ended' } }, false)
    const kill = () => {
      settle({ fault: { kind: 'time limit' } }, false)
      void worker.terminate()
    }
    const timer = setTimeout(kill, 1000 * (limits.seconds + GRACE_SECONDS))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage({ request, limits })
  })
}
