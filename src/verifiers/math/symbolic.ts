/**
 * A pool of one symbolic worker and the clock over it. A request that passes its limit ends the worker, which is the only way
 * to stop a synchronous call; the next request starts another. An idle worker does not keep the process alive.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { SymbolicReply, SymbolicRequest } from './symbolic-worker.ts'

export type SymbolicOutcome = 'equal' | 'different' | 'late'

interface Pending {
  request: SymbolicRequest
  deadline: number
  settle: (outcome: SymbolicOutcome) => void
}

let worker: Worker | null = null
let isReady = false
let active: Pending | null = null
let nextId = 0
const queue: Pending[] = []

export function symbolicallyEqual(left: string, right: string, limitMs: number): Promise<SymbolicOutcome> {
  return new Promise((resolve) => {
    const entry: Pending = {
      request: { id: nextId++, left, right },
      deadline: performance.now() + limitMs,
      settle: (outcome) => {
        clearTimeout(timer)
        resolve(outcome)
      },
    }
    const timer = setTimeout(() => expire(entry), Math.max(0, limitMs))
    queue.push(entry)
    advance()
  })
}

/** Ends the worker, for tests and for programs that want their exit at once. */
export async function closeSymbolicWorker(): Promise<void> {
  const closing = worker
  worker = null
  isReady = false
  await closing?.terminate()
}

function advance(): void {
  if (active) return
  active = queue.shift() ?? null
  if (!active) {
    worker?.unref()
    return
  }
  try {
    worker ??= start()
    worker.ref()
    if (isReady) worker.postMessage(active.request)
  } catch {
    finish('different')
  }
}

function expire(entry: Pending): void {
  if (entry !== active) {
    queue.splice(queue.indexOf(entry), 1)
    entry.settle('late')
    return
  }
  // A worker that is still starting has been sent nothing, so it is not stuck and the next request can have it.
  if (isReady) {
    const late = worker
    worker = null
    isReady = false
    late?.terminate().catch(() => {
      // A worker that is already gone needs no ending.
    })
  }
  finish('late')
}

function finish(outcome: SymbolicOutcome): void {
  const done = active
  active = null
  done?.settle(outcome)
  advance()
}

/** In a checkout the worker registers tsx itself: on Node 20 a worker takes no loader from execArgv. */
function entry(): URL {
  if (import.meta.url.endsWith('.js')) return new URL('./symbolic-worker.js', import.meta.url)
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(
    /\.cjs$/,
    '.mjs',
  )
  const file = new URL('./symbolic-worker.ts', import.meta.url).href
  const source = `import { register } from '${tsx}'; register(); await import('${file}')`
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

function start(): Worker {
  const started = new Worker(entry(), { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 512 } })
  const fail = (): void => {
    if (worker !== started) return
    worker = null
    isReady = false
    if (active) finish('different')
  }
  isReady = false
  started.on('message', ({ id, isEqual }: SymbolicReply) => {
    if (worker !== started) return
    if (!isReady) {
      isReady = true
      if (active) started.postMessage(active.request)
    }
    if (active?.request.id === id) finish(isEqual ? 'equal' : 'different')
  })
  started.on('error', fail)
  started.on('exit', fail)
  return started
}
