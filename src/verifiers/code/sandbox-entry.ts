/**
 * Where a sandbox process begins. Its main thread only watches: the interpreter runs in a worker thread, which has a
 * larger stack, and which a loop in C may block forever. Past its time, without its parent, or when the heap
 * is full, the whole process ends.
 */
import { Worker } from 'node:worker_threads'
import { limitDetail, newClock, progress, watchClock } from './clock.ts'
import { writeFrame } from './frames.ts'
import { needsTsx, ownFile, tsxModule } from './own-file.ts'
import type { Fault, Report } from './sandbox-protocol.ts'

/** The interpreter stops a program whose time is up; one that cannot be stopped is killed this much later. */
const GRACE_MS = 500
const TICK_MS = 50
/** Deep recursion in a program uses the thread's own stack. */
const STACK_MB = 16
const HEAP_MB = 512

const parent = process.ppid
const clock = newClock()
const isLate = watchClock(clock, GRACE_MS)
const worker = startWorker()

worker.on('error', (error: NodeJS.ErrnoException) => {
  const kind = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory limit' : 'crash'
  end({ kind, detail: String(error).slice(0, 1000) })
})
worker.on('exit', () => process.exit())
setInterval(() => {
  if (isLate()) end({ kind: 'time limit', ...limitDetail(clock) })
  if (!parentLives()) kill()
}, TICK_MS)

function end(fault: Fault): void {
  const report: Report = { type: 'ended', fault, numPassed: progress(clock) }
  writeFrame(new TextEncoder().encode(JSON.stringify(report)))
  kill()
}

function kill(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Systems either give an orphan another parent, or keep the number of one that is gone. */
function parentLives(): boolean {
  try {
    return process.ppid === parent && process.kill(parent, 0)
  } catch {
    return false
  }
}

function startWorker(): Worker {
  const options = {
    workerData: clock,
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, stackSizeMb: STACK_MB },
  }
  const entry = ownFile('sandbox-worker')
  if (!needsTsx) return new Worker(entry, options)
  // On Node 20 a worker takes no loader from execArgv: it registers tsx itself.
  const tsx = tsxModule('tsx/esm/api')
  const source = `import { register } from '${tsx}'; register(); await import('${entry.href}')`
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), options)
}
