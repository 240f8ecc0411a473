/**
 * The thread of a sandbox that runs programs: loads an interpreter, gives Node up, then does one job at a time. It
 * reads and writes the process's channel itself and waits for it.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { deserialize } from 'node:v8'
import { workerData } from 'node:worker_threads'
import { newQuickJSWASMModuleFromVariant, newVariant, RELEASE_SYNC } from 'quickjs-emscripten'
import { enterBareRealm } from './bare-realm.ts'
import { ALL_TESTS, isOver, limitDetail, setProgress, startClock, stopClock, stopwatch } from './clock.ts'
import { readFrame, writeFrame } from './frames.ts'
import { javascriptRuntime } from './javascript-runtime.ts'
import { readPyodide } from './python-interpreter.ts'
import { pythonRuntime } from './python-runtime.ts'
import { type Ask, runTests } from './run-tests.ts'
import type { Runtime, RuntimeAnswer } from './runtime.ts'
import type { Job, Limits, Report, SandboxStart } from './sandbox-protocol.ts'

const clock = workerData as Int32Array
const report = (message: Report) => writeFrame(new TextEncoder().encode(JSON.stringify(message)))

const first = readFrame()
if (first !== null) {
  try {
    await work(await startRuntime(deserialize(first) as SandboxStart))
  } catch (error) {
    report({ type: 'failed', reason: String(error).slice(0, 1000) })
  }
}

async function startRuntime({ language, memoryBytes, hasSnapshot }: SandboxStart): Promise<Runtime> {
  if (language === 'python') {
    const snapshot = hasSnapshot ? readFrame()! : undefined
    const files = await readPyodide()
    enterBareRealm()
    const python = await pythonRuntime(files, memoryBytes, snapshot)
    if (snapshot === undefined) writeFrame(python.snapshot)
    return python
  }
  const library = createRequire(import.meta.url).resolve('quickjs-emscripten')
  const file = createRequire(library).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
  const variant = newVariant(RELEASE_SYNC, { wasmModule: await WebAssembly.compile(readFileSync(file)) })
  const instantiate = () => newQuickJSWASMModuleFromVariant(variant)
  // The first loads what the later ones find loaded.
  await instantiate()
  enterBareRealm()
  return javascriptRuntime(instantiate, memoryBytes)
}

async function work(runtime: Runtime): Promise<void> {
  report({ type: 'ready' })
  for (;;) {
    const frame = readFrame()
    if (frame === null) return
    const { program, tests, limits } = deserialize(frame) as Job
    let worn = false
    const ask = timed(runtime, limits, (answer) => {
      worn ||= runtime.isWorn(answer)
    })
    setProgress(clock, null)
    const run = await runTests(ask, program, tests, (numPassed) => setProgress(clock, numPassed))
    stopClock(clock)
    report({ type: 'done', run, worn })
  }
}

/** Each request has the seconds of one test, or those that are left of all. */
function timed(runtime: Runtime, limits: Limits, seen: (answer: RuntimeAnswer) => void): Ask {
  const total = stopwatch()
  const msPerTest = 1000 * limits.secondsPerTest
  return async (request) => {
    const left = 1000 * limits.secondsTotal - total.elapsed()
    if (left <= 0) return { fault: { kind: 'time limit', detail: ALL_TESTS } }
    const answer = await runtime.answer(request, {
      startClock: () => startClock(clock, Math.min(msPerTest, left), left < msPerTest),
      isOver: () => isOver(clock),
      outputBytes: limits.outputBytes,
    })
    seen(answer)
    if (answer.fault?.kind !== 'time limit') return answer
    return { ...answer, fault: { kind: 'time limit', ...limitDetail(clock) } }
  }
}
