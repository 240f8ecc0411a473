/**
 * One symbolic worker and the clock over it. A request that passes its limit ends the worker, which is the only way to stop a
 * synchronous call; the next request starts another. A request's time begins when the worker takes it up: neither the
 * worker's own start nor the requests before it cost an answer its verdict. An idle worker does not keep the process alive.
 */

import { Worker } from 'node:worker_threads'
import { workerEntry } from '../../run/worker-entry.ts'
import type { SymbolicReply, SymbolicRequest } from './symbolic-worker.ts'

export type SymbolicOutcome = 'equal' | 'different' | 'late'

/** Loading Compute Engine takes a second on a free core. */
const START_LIMIT_MS = 60_000

interface Pending {
  request: SymbolicRequest
  limitMs: number
  settle: (outcome: SymbolicOutcome) => void
}

let worker: Worker | null = null
let isReady = false
let active: Pending | null = null
let timer: NodeJS.Timeout | undefined
let nextId = 0
const queue: Pending[] = []

export function symbolicallyEqual(left: string, right: string, limitMs: number): Promise<SymbolicOutcome> {
  if (limitMs <= 0) return Promise.resolve('late')
  return new Promise((settle) => {
    queue.push({ request: { id: nextId++, left, right }, limitMs, settle })
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
    if (isReady) post(worker, active)
    else timer = setTimeout(expire, START_LIMIT_MS)
  } catch {
    finish('different')
  }
}

function post(ready: Worker, { request, limitMs }: Pending): void {
  clearTimeout(timer)
  timer = setTimeout(expire, limitMs)
  ready.postMessage(request)
}

function expire(): void {
  const late = worker
  worker = null
  isReady = false
  late?.terminate().catch(() => {
    // A worker that is already gone needs no ending.
  })
  finish('late')
}

function finish(outcome: SymbolicOutcome): void {
  clearTimeout(timer)
  const done = active
  active = null
  done?.settle(outcome)
  advance()
}

function start(): Worker {
  const started = new Worker(workerEntry('symbolic-worker', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
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
      if (active) post(started, active)
    }
    if (active?.request.id === id) finish(isEqual ? 'equal' : 'different')
  })
  started.on('error', fail)
  started.on('exit', fail)
  return started
}
