/**
 * CPython in WebAssembly (pyodide) that returns to the same bytes before every program.
 *
 * `reset` copies the sealed image back over the linear memory and puts the stack pointer and the open files back,
 * so nothing a program did (patched builtins, changed modules, a trap, an exit half-way) outlives it.
 * The first interpreter takes seconds to initialise; the snapshot it makes starts the others in a tenth of that.
 *
 * Left out: packages beyond the standard library, threads, sockets, subprocesses, asyncio.run.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CODEC_SOURCE } from './python-codec.ts'
import { type FileSystem, standardFiles } from './python-files.ts'
import { type ImportTable, importWall, type Session, Stop } from './python-imports.ts'
import { JUDGE_SOURCE } from './python-judge.ts'
import { RUNNER_SOURCE } from './python-runner.ts'
import { OutputBuffer } from './runtime.ts'
import type { Fault } from './sandbox-protocol.ts'

export interface RunOptions extends Pick<Session, 'isOver' | 'ask'> {
  stdin: Uint8Array
  outputBytes: number
}

export interface Served {
  /** The record that the Python side wrote last: JSON, or whatever a program wrote in its place. */
  record: string
  stdout: string
  fault: Fault | null
}

export interface PythonInterpreter {
  /** The memory from which others can start, as it was before any program ran. */
  snapshot: Uint8Array
  /**
   * Calls a Python function, such as `_runner.serve`, with a text. May be called again while a call of it waits for
   * an answer (`ask`).
   */
  serve(entry: string, text: string, options: RunOptions): Served
  reset(): void
  /** How far the memory has grown past the image; it never shrinks. */
  grownBytes(): number
}

/** The members of pyodide's emscripten module that are used here. */
interface Runtime {
  HEAPU8: Uint8Array
  FS: FileSystem
  ___stack_pointer: WebAssembly.Global
  _Py_EMSCRIPTEN_SIGNAL_HANDLING: number
  _malloc(size: number): number
  _free(start: number): void
  _PyRun_SimpleString(text: number): number
}

const PAGE = 65536
const NOTHING = new Uint8Array()

/** pyodide's files and entry points, read while the worker still is a Node worker. */
export interface PyodideFiles {
  loadPyodide(options: object): Promise<Python & { _module: Runtime }>
  createPyodideModule: unknown
  standardLibrary: Uint8Array
  lockInfo: unknown
  compile(): Promise<WebAssembly.Module>
}

export async function readPyodide(): Promise<PyodideFiles> {
  const folder = dirname(createRequire(import.meta.url).resolve('pyodide/pyodide.mjs'))
  // Decides for good, on import, which host pyodide believes in: a JavaScript shell, which has no disk or network.
  Object.assign(globalThis, { read: () => {}, load: () => {} })
  Object.assign(process, { browser: true })
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
    import(pathToFileURL(`${folder}/pyodide.mjs`).href),
    import(pathToFileURL(`${folder}/pyodide.asm.mjs`).href),
  ])
  return {
    loadPyodide,
    createPyodideModule,
    standardLibrary: new Uint8Array(readFileSync(`${folder}/python_stdlib.zip`)),
    lockInfo: JSON.parse(readFileSync(`${folder}/pyodide-lock.json`, 'utf8')).info,
    compile: () => WebAssembly.compile(readFileSync(`${folder}/pyodide.asm.wasm`)),
  }
}

/** Call it in a bare realm (bare-realm.ts). */
export async function bootPython(
  files: PyodideFiles,
  module: WebAssembly.Module,
  memoryBytes: number,
  known?: Uint8Array,
): Promise<PythonInterpreter> {
  const wall = importWall(memoryBytes)

  const { instantiate } = WebAssembly
  async function instantiateGuarded(source: WebAssembly.Module | Uint8Array, imports: WebAssembly.Imports) {
    if (!(source instanceof Uint8Array) || source.length > 0) return instantiate(source, imports)
    guardBoth(imports as Record<string, ImportTable>)
    const instance = await instantiate(module, imports)
    wall.memory = instance.exports.memory as WebAssembly.Memory
    const missing = (known?.length ?? 0) - wall.memory.buffer.byteLength
    if (missing > 0) wall.memory.grow(Math.floor(missing / PAGE))
    return { instance, module }
  }
  function guardBoth({ env, wasi_snapshot_preview1: wasi }: Record<string, ImportTable>) {
    wall.guard(env!)
    if (wasi !== env) wall.guard(wasi!)
  }

  // pyodide asks its shell for two files and compiles the first: it gets an empty one, and the compiled module.
  const readbuffer = (path: string) => (path.endsWith('.zip') ? files.standardLibrary : new Uint8Array())
  Object.assign(globalThis, { readbuffer })
  Object.assign(WebAssembly, { instantiate: instantiateGuarded })
  try {
    const python = await files.loadPyodide({
      indexURL: '/',
      createPyodideModule: files.createPyodideModule,
      lockFileContents: { info: files.lockInfo, packages: {} },
      jsglobals: Object.freeze(Object.create(null)),
      env: { HOME: '/', PYTHONHASHSEED: '0' },
      ...(known === undefined ? { _makeSnapshot: true } : { _loadSnapshot: known }),
    })
    const snapshot = known ?? makeSnapshot(python)
    python.runPython('import _runner; _runner.seal()')
    wall.seal()
    return sealedInterpreter(python._module, wall, snapshot)
  } finally {
    Object.assign(WebAssembly, { instantiate })
  }
}

interface Python {
  runPython(source: string): unknown
  makeMemorySnapshot(): Uint8Array
}

/** Installs our Python, and copies the memory for other interpreters to start from. */
function makeSnapshot(python: Python): Uint8Array {
  const modules = { _codec: CODEC_SOURCE, _judge: JUDGE_SOURCE, _runner: RUNNER_SOURCE }
  for (const [name, source] of Object.entries(modules))
    python.runPython(
      `import sys, types\nm = sys.modules['${name}'] = types.ModuleType('${name}')\n` +
        `exec(compile(${JSON.stringify(source)}, '<${name}>', 'exec'), m.__dict__)\ndel m`,
    )
  return python.makeMemorySnapshot()
}

function sealedInterpreter(
  runtime: Runtime,
  wall: ReturnType<typeof importWall>,
  snapshot: Uint8Array,
): PythonInterpreter {
  runtime.HEAPU8[runtime._Py_EMSCRIPTEN_SIGNAL_HANDLING] = 1
  const pristine = runtime.HEAPU8.slice()
  const stack = runtime.___stack_pointer.value
  const standard = standardFiles(runtime.FS, () => wall.session?.stdout)
  wall.files = standard

  function reset(): void {
    runtime.HEAPU8.set(pristine)
    runtime.HEAPU8.fill(0, pristine.length)
    runtime.___stack_pointer.value = stack
    standard.reset()
  }

  function serve(entry: string, text: string, options: RunOptions): Served {
    const { stdin, outputBytes, ...rest } = options
    const session: Session = {
      ...rest,
      reply: NOTHING,
      stdout: new OutputBuffer(outputBytes),
      record: new OutputBuffer(outputBytes),
      memoryRefused: false,
    }
    const outer = wall.session
    wall.session = session
    if (outer === null) standard.setInput(stdin)
    let fault: Fault | null = null
    try {
      // JSON text in JSON quotes is also a Python string literal.
      const [module, name] = entry.split('.')
      const source = new TextEncoder().encode(`__import__('${module}').${name}(${JSON.stringify(text)})\0`)
      const start = runtime._malloc(source.length) >>> 0
      if (start === 0) throw new Stop({ kind: 'memory limit' })
      runtime.HEAPU8.set(source, start)
      runtime._PyRun_SimpleString(start)
      runtime._free(start)
    } catch (error) {
      fault = error instanceof Stop ? error.fault : { kind: 'crash', detail: String(error).slice(0, 200) }
      if (session.memoryRefused && fault.kind === 'crash') fault = { kind: 'memory limit' }
    } finally {
      wall.session = outer
    }
    return { record: session.record.text(), stdout: session.stdout.text(), fault }
  }

  return { snapshot, serve, reset, grownBytes: () => runtime.HEAPU8.length - pristine.length }
}
