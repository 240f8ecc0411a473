/** The symbolic layer: Compute Engine in a worker thread, where a call that does not return can be stopped from outside. */
import { parentPort } from 'node:worker_threads'
import { ComputeEngine } from '@cortex-js/compute-engine'

export interface SymbolicRequest {
  id: number
  left: string
  right: string
}

export interface SymbolicReply {
  id: number
  isEqual: boolean
}

const engine = new ComputeEngine()

function isEqual(left: string, right: string): boolean {
  const [a, b] = [engine.parse(left), engine.parse(right)]
  if (!a.isValid || !b.isValid) return false
  if (a.isSame(b)) return true
  const [x, y] = [a.evaluate().simplify(), b.evaluate().simplify()]
  // Compute Engine leaves what it does not know as it was; only then is "the same" a proof.
  return x.isValid && y.isValid && x.isSame(y)
}

parentPort?.on('message', ({ id, left, right }: SymbolicRequest) => {
  let outcome = false
  try {
    outcome = isEqual(left, right)
  } catch {
    // What Compute Engine cannot handle is not shown to be equal.
  }
  parentPort!.postMessage({ id, isEqual: outcome } satisfies SymbolicReply)
})
parentPort?.postMessage({ id: -1, isEqual: false } satisfies SymbolicReply)
