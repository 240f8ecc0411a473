/** The worker thread: loads an interpreter, gives Node up, then answers one request at a time. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { newQuickJSWASMModuleFromVariant, newVariant, RELEASE_SYNC } from 'quickjs-emscripten'
import { enterBareRealm } from './bare-realm.ts'
import { javascriptRuntime } from './javascript-runtime.ts'
import { readPyodide } from './python-interpreter.ts'
import { pythonRuntime, type Runtime } from './python-runtime.ts'
import type { WorkerMessage, WorkerRequest, WorkerStart } from './sandbox-protocol.ts'

const start = workerData as WorkerStart
const port = parentPort!
const post = (message: WorkerMessage) => port.postMessage(message)

let runtime: Runtime
if (start.language === 'python') {
  const files = await readPyodide(start.folder!)
  enterBareRealm()
  const python = await pythonRuntime(files, start)
  runtime = python
  post({ type: 'ready', image: python.program.image })
} else {
  const library = createRequire(import.meta.url).resolve('quickjs-emscripten')
  const file = createRequire(library).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
  const variant = newVariant(RELEASE_SYNC, { wasmModule: await WebAssembly.compile(readFileSync(file)) })
  const instantiate = () => newQuickJSWASMModuleFromVariant(variant)
  // The first loads what the later ones find loaded.
  await instantiate()
  enterBareRealm()
  runtime = javascriptRuntime(instantiate, start.memoryBytes)
  post({ type: 'ready' })
}

port.on('message', async ({ request, limits }: WorkerRequest) => {
  try {
    const answer = await runtime.answer(request, limits)
    post({ type: 'answer', answer, worn: runtime.isWorn(answer) })
  } catch (error) {
    post({ type: 'answer', answer: { fault: { kind: 'crash', detail: String(error) } }, worn: true })
  }
})
