import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, vi } from 'vitest'
import { type ImportTable, importWall, Stop } from './python-imports.ts'

const CLOSED = [
  'emscripten_run_script',
  'raw_call_js',
  'JsvFunction_CallBound',
  '_dlopen_js',
  'emscripten_asm_const_int',
]

describe('the import table', () => {
  const guarded = (...names: string[]) => {
    const originals: ImportTable = Object.fromEntries(names.map((name) => [name, vi.fn(() => 1)]))
    const table = { ...originals }
    const wall = importWall(1 << 20)
    wall.guard(table)
    return { originals, table, wall }
  }

  it.each(CLOSED)('%s works until the interpreter is sealed and never after', (name) => {
    const { originals, table, wall } = guarded(name)
    expect(table[name]!()).toBe(1)
    wall.seal()
    expect(() => table[name]!()).toThrow(Stop)
    expect(originals[name]).toHaveBeenCalledTimes(1)
  })

  it.each<[name: string, errno: number]>([
    ['__syscall_unlinkat', -69],
    ['__syscall_mkdirat', -69],
    ['__syscall_renameat', -69],
    ['__syscall_socket', -52],
    ['__syscall_connect', -52],
  ])('%s answers with an error number', (name, errno) => {
    const { originals, table, wall } = guarded(name)
    wall.seal()
    expect(table[name]!()).toBe(errno)
    expect(originals[name]).not.toHaveBeenCalled()
  })

  it('opens files for reading only', () => {
    const { table, wall } = guarded('__syscall_openat')
    wall.seal()
    const [O_RDONLY, O_WRONLY, O_CREAT] = [0, 1, 0o100]
    expect(table.__syscall_openat!(0, 0, O_RDONLY, 0)).toBe(1)
    for (const flags of [O_WRONLY, O_CREAT]) expect(table.__syscall_openat!(0, 0, flags, 0)).toBe(-69)
  })

  it('lets memory grow to its limit', () => {
    const { table } = guarded('emscripten_resize_heap')
    expect(table.emscripten_resize_heap!(1 << 20)).toBe(1)
    expect(table.emscripten_resize_heap!((1 << 20) + 1)).toBe(0)
  })
})

it('leaves a worker nothing of Node', { timeout: 600_000 }, async () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(
    /\.cjs$/,
    '.mjs',
  )
  const source = `
    import { register } from '${tsx}'
    import { parentPort } from 'node:worker_threads'
    register()
    const { enterBareRealm } = await import('${new URL('./bare-realm.ts', import.meta.url).href}')
    enterBareRealm()
    const names = ['process', 'require', 'fetch', 'eval', 'Buffer', 'setInterval', 'navigator', 'MessageChannel', 'global']
    const found = names.filter((name) => name in globalThis)
    const makers = [() => {}, async () => {}, function* () {}, async function* () {}].map((f) => f.constructor)
    for (const maker of [Function, ...makers])
      try { maker('return 1'); found.push(maker.name) } catch (error) { if (!(error instanceof EvalError || error instanceof TypeError)) found.push(String(error)) }
    parentPort.postMessage(found)`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    env: {},
    execArgv: [],
  })
  const found = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
  expect(found).toEqual([])
})
