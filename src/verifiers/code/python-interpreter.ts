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
import { pathToFileURL } from 'node:url'
import { decodeChunks, type ImportTable, importWall, type Session, Stop } from './python-imports.ts'
import { CODEC_SOURCE, JUDGE_SOURCE, RUNNER_SOURCE } from './python-sources.ts'
import type { Fault } from './sandbox-protocol.ts'

export interface PythonImage {
  module: WebAssembly.Module
  snapshot: Uint8Array
}

export type RunOptions = Pick<Session, 'stdin' | 'deadline' | 'maxOutputBytes' | 'ask'>

export interface Served {
  /** The record the Python side wrote last. */
  answer: Record<string, unknown> | null
  stdout: string
  fault: Fault | null
}

export interface PythonInterpreter {
  image: PythonImage
  serve(request: object, options: RunOptions): Served
  reset(): void
  /** How far the memory has grown past the image; it never shrinks. */
  grownBytes(): number
}

/** The members of pyodide's emscripten module that are used here. */
interface Runtime {
  HEAPU8: Uint8Array
  FS: { streams: unknown[]; currentPath: string }
  ___stack_pointer: WebAssembly.Global
  _Py_EMSCRIPTEN_SIGNAL_HANDLING: number
  _malloc(size: number): number
  _PyRun_SimpleString(text: number): number
}

const PAGE = 65536

/** pyodide's files and entry points, read while the worker still is a Node worker. */
export interface PyodideFiles {
  loadPyodide(options: object): Promise<Python & { _module: Runtime }>
  createPyodideModule: unknown
  standardLibrary: Uint8Array
  lockInfo: unknown
  compile(): Promise<WebAssembly.Module>
}

export async function readPyodide(folder: string): Promise<PyodideFiles> {
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
  memoryBytes: number,
  known?: PythonImage,
): Promise<PythonInterpreter> {
  const module = known?.module ?? (await files.compile())
  const wall = importWall(memoryBytes)

  const { instantiate } = WebAssembly
  async function instantiateGuarded(source: WebAssembly.Module | Uint8Array, imports: WebAssembly.Imports) {
    if (!(source instanceof Uint8Array) || source.length > 0) return instantiate(source, imports)
    guardBoth(imports as Record<string, ImportTable>)
    const instance = await instantiate(module, imports)
    wall.memory = instance.exports.memory as WebAssembly.Memory
    const missing = (known?.snapshot.length ?? 0) - wall.memory.buffer.byteLength
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
      ...(known === undefined ? { _makeSnapshot: true } : { _loadSnapshot: known.snapshot }),
    })
    const image = known ?? { module, snapshot: makeSnapshot(python) }
    python.runPython('import _runner; _runner.seal()')
    wall.seal()
    return sealedInterpreter(python._module, wall, image)
  } finally {
    Object.assign(WebAssembly, { instantiate })
  }
}

interface Python {
  runPython(source: string): unknown
  makeMemorySnapshot(): Uint8Array
}

/** Installs our Python and copies the memory into one that all workers share. */
function makeSnapshot(python: Python): Uint8Array {
  const modules = { _codec: CODEC_SOURCE, _judge: JUDGE_SOURCE, _runner: RUNNER_SOURCE }
  for (const [name, source] of Object.entries(modules))
    python.runPython(
      `import sys, types\nm = sys.modules['${name}'] = types.ModuleType('${name}')\n` +
        `exec(compile(${JSON.stringify(source)}, '<${name}>', 'exec'), m.__dict__)\ndel m`,
    )
  const made = python.makeMemorySnapshot()
  const shared = new Uint8Array(new SharedArrayBuffer(made.length))
  shared.set(made)
  return shared
}

function sealedInterpreter(
  runtime: Runtime,
  wall: ReturnType<typeof importWall>,
  image: PythonImage,
): PythonInterpreter {
  runtime.HEAPU8[runtime._Py_EMSCRIPTEN_SIGNAL_HANDLING] = 1
  const pristine = runtime.HEAPU8.slice()
  const stack = runtime.___stack_pointer.value
  const { streams, currentPath } = runtime.FS
  const openFiles = [...streams]

  function reset(): void {
    runtime.HEAPU8.set(pristine)
    runtime.HEAPU8.fill(0, pristine.length)
    runtime.___stack_pointer.value = stack
    streams.splice(0, streams.length, ...openFiles)
    runtime.FS.currentPath = currentPath
  }

  function serve(request: object, options: RunOptions): Served {
    const session: Session = { ...options, stdout: [], record: [], numOutputBytes: 0, memoryRefused: false }
    wall.session = session
    let fault: Fault | null = null
    try {
      // JSON text in JSON quotes is also a Python string literal.
      const literal = JSON.stringify(JSON.stringify(request))
      const source = new TextEncoder().encode(`__import__('_runner').serve(${literal})\0`)
      const start = runtime._malloc(source.length) >>> 0
      if (start === 0) throw new Stop({ kind: 'memory limit' })
      runtime.HEAPU8.set(source, start)
      runtime._PyRun_SimpleString(start)
    } catch (error) {
      fault = error instanceof Stop ? error.fault : { kind: 'crash', detail: String(error).slice(0, 200) }
      if (session.memoryRefused && fault.kind === 'crash') fault = { kind: 'memory limit' }
    } finally {
      wall.session = null
    }
    return {
      answer: fault === null ? parsed(session.record) : null,
      stdout: decodeChunks(session.stdout),
      fault,
    }
  }

  return { image, serve, reset, grownBytes: () => runtime.HEAPU8.length - pristine.length }
}

/** A program may have written anything to standard error: what is no JSON object is no answer. */
function parsed(record: readonly Uint8Array[]): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(decodeChunks(record))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
