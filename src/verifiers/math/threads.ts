/**
 * Mathematics in several threads, one case at a time in each: within one thread a slow case would use up the time
 * limit of the next, and a verdict must not depend on its neighbours.
 */

import { Worker } from 'node:worker_threads'
import { workerEntry } from '../../run/worker-entry.ts'
import { type Case, goldOf, type LoadedVerifier } from '../case.ts'
import type { Verdict } from '../verifier.ts'
import type { VerifyMathOptions } from './verify.ts'

export interface MathRequest {
  prediction: string
  gold: string
  options: VerifyMathOptions
}

export function startMathThreads(count: number): LoadedVerifier {
  const idle: Worker[] = []
  const running = new Set<Worker>()
  const waiting: ((thread: Worker) => void)[] = []

  return {
    async verify(given) {
      const request: MathRequest = {
        prediction: given.prediction,
        gold: goldOf(given),
        options: mathOptions(given),
      }
      const thread = await take()
      try {
        return await ask(thread, request)
      } finally {
        give(thread)
      }
    },
    async close() {
      await Promise.all([...running].map((thread) => thread.terminate()))
    },
  }

  function take(): Worker | Promise<Worker> {
    const thread = idle.pop()
    if (thread !== undefined) return thread
    if (running.size < count) return start()
    return new Promise((resolve) => waiting.push(resolve))
  }

  function give(thread: Worker): void {
    const next = waiting.shift()
    if (!running.has(thread)) {
      if (next !== undefined) next(start())
    } else if (next !== undefined) next(thread)
    else idle.push(thread)
  }

  function start(): Worker {
    const thread = new Worker(workerEntry('thread', import.meta.url), { execArgv: [] })
    running.add(thread)
    thread.once('exit', () => running.delete(thread))
    return thread
  }
}

function ask(thread: Worker, request: MathRequest): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      thread.off('message', answered)
      thread.off('error', failed)
      thread.off('exit', ended)
    }
    const answered = (verdict: Verdict) => {
      settle()
      resolve(verdict)
    }
    const failed = (error: unknown) => {
      settle()
      reject(error)
    }
    const ended = () => failed(new Error('its thread ended'))
    thread.on('message', answered)
    thread.on('error', failed)
    thread.on('exit', ended)
    thread.postMessage(request)
  })
}

/** `precision`, `strict` and `match_types` of a row's `options`, as in Math-Verify's tests; anything else is ignored. */
function mathOptions({ row }: Case): VerifyMathOptions {
  const { precision, strict, match_types } = (row.options ?? {}) as Record<string, unknown>
  const types = Array.isArray(match_types) ? match_types : []
  const matchTypes = (['latex', 'expr', 'string'] as const).filter((type) => types.includes(type))
  return {
    ...(Number.isInteger(precision) ? { precision: precision as number } : {}),
    ...(typeof strict === 'boolean' ? { strict } : {}),
    ...(matchTypes.length > 0 ? { matchTypes } : {}),
  }
}
