/**
 * The JavaScript that lives inside QuickJS: the little of Node that contest programs use, over three host
 * functions (`__read`, `__write`, `__exit`), which the program cannot reach once it runs.
 */
export const NODE_PRELUDE = String.raw`
(() => {
  'use strict'
  const { __read: read, __write: write, __exit: exit } = globalThis
  for (const name of ['__read', '__write', '__exit']) delete globalThis[name]
  const show = (value, depth = 0) => {
    if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value).replace(/^"|"$/g, "'")
    if (typeof value === 'bigint') return value + 'n'
    if (typeof value === 'function') return '[Function]'
    if (value instanceof Error) return String(value.stack || value)
    if (Array.isArray(value)) return value.length === 0 ? '[]' : depth > 3 ? '[Array]' : '[ ' + value.map((v) => show(v, depth + 1)).join(', ') + ' ]'
    if (value && typeof value === 'object') {
      const entries = Object.entries(value)
      return entries.length === 0 ? '{}' : depth > 3 ? '[Object]' : '{ ' + entries.map(([k, v]) => k + ': ' + show(v, depth + 1)).join(', ') + ' }'
    }
    return Object.is(value, -0) ? '-0' : String(value)
  }
  const print = (...values) => write(values.map((v) => show(v)).join(' ') + '\n')
  const silent = () => {}
  globalThis.console = { log: print, info: print, debug: print, error: silent, warn: silent, assert: silent, table: print }
  globalThis.print = print
  let rest = null
  const all = () => (rest === null ? (rest = read()) : rest)
  globalThis.readline = () => {
    const text = all()
    if (text === '') return null
    const end = text.indexOf('\n')
    rest = end < 0 ? '' : text.slice(end + 1)
    return (end < 0 ? text : text.slice(0, end)).replace(/\r$/, '')
  }
  const takeAll = () => { const text = all(); rest = ''; return text }
  const timers = []
  const later = (f, ms, args) => { timers.push({ f, args, at: Number(ms) || 0, order: timers.length }); return timers.length }
  globalThis.setTimeout = (f, ms, ...args) => later(f, ms, args)
  globalThis.setImmediate = (f, ...args) => later(f, 0, args)
  globalThis.clearTimeout = (id) => { if (timers[id - 1]) timers[id - 1].f = silent }
  globalThis.queueMicrotask = (f) => { Promise.resolve().then(f) }
  const nextTimer = () => {
    let first = -1
    for (let i = 0; i < timers.length; i++)
      if (timers[i] !== null && (first < 0 || timers[i].at < timers[first].at)) first = i
    if (first < 0) return false
    const { f, args } = timers[first]
    timers[first] = null
    f(...args)
    return true
  }
  const emitter = (start) => {
    const handlers = {}
    const on = (name, f) => { (handlers[name] = handlers[name] || []).push(f); const begin = start; if (begin) { start = null; later(() => begin(emit), 0, []) } return self }
    const emit = (name, ...args) => { for (const f of handlers[name] || []) f(...args) }
    const self = { on, once: on, addListener: on, emit, setEncoding: silent, resume: () => self, pause: () => self, close: () => emit('close') }
    return self
  }
  const stdin = emitter((emit) => { const text = takeAll(); if (text !== '') emit('data', text); emit('end'); emit('close') })
  stdin.fd = 0
  stdin[Symbol.asyncIterator] = async function* () { const text = takeAll(); if (text !== '') yield text }
  const stdout = { write: (text) => { write(String(text)); return true }, end: (text) => { if (text !== undefined) write(String(text)) } }
  const lines = () => { const text = takeAll(); return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/) }
  const createInterface = () => {
    const self = emitter((emit) => { for (const line of lines()) emit('line', line); emit('close') })
    self.question = (_text, answer) => answer(globalThis.readline() ?? '')
    self[Symbol.asyncIterator] = async function* () { yield* lines() }
    return self
  }
  const readFileSync = (path) => {
    if (path !== 0 && path !== '/dev/stdin') throw new Error('ENOENT: files are closed in the sandbox')
    const text = takeAll()
    return Object.assign(Object(text), { toString: () => text })
  }
  const writeSync = (fd, text) => { if (fd === 1) write(String(text)) }
  const modules = {
    fs: { readFileSync: (path, options) => (options ? String(readFileSync(path)) : readFileSync(path)), writeSync, writeFileSync: (path, text) => writeSync(path === '/dev/stdout' ? 1 : path, text) },
    readline: { createInterface },
    os: { EOL: '\n' },
  }
  globalThis.require = (name) => {
    const module = modules[String(name).replace(/^node:/, '')]
    if (!module) throw new Error('Cannot find module ' + name)
    return module
  }
  globalThis.process = { stdin, stdout, stderr: { write: () => true }, argv: ['node', 'program.js'], env: {}, exit: (code) => exit(code === undefined ? 0 : code), on: silent, nextTick: (f, ...args) => queueMicrotask(() => f(...args)) }
  globalThis.module = { exports: {} }
  globalThis.exports = globalThis.module.exports
  return nextTimer
})()
`

/** Evaluates to the JSON text of one call; the host splices in the name and the arguments. */
export function callSource(name: string, args: string): string {
  return `(() => {
    const name = ${JSON.stringify(name)}
    const lookup = new Function('try { return ' + name + ' } catch { return undefined }')
    let f = globalThis[name] ?? module.exports[name] ?? lookup()
    if (typeof Solution === 'function' && typeof Solution.prototype[name] === 'function') {
      const solution = new Solution()
      f = solution[name].bind(solution)
    }
    if (typeof f !== 'function') throw new ReferenceError(name + ' is not defined')
    const plain = (v) => typeof v === 'bigint' ? { i: (v < 0n ? '-0x' : '0x') + (v < 0n ? -v : v).toString(16) }
      : typeof v === 'number' ? (Number.isFinite(v) ? v : { f: String(v) })
      : v === undefined || v === null ? null
      : Array.isArray(v) ? v.map(plain)
      : v instanceof Map ? { d: [...v].map(([k, x]) => [plain(k), plain(x)]) }
      : typeof v === 'object' ? { d: Object.entries(v).map(([k, x]) => [k, plain(x)]) }
      : typeof v === 'function' || typeof v === 'symbol' ? { o: 0 }
      : v
    return JSON.stringify(plain(f(...${args})))
  })()`
}
