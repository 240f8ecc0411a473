/**
 * Takes Node away from a worker's global scope, once everything it imports has been loaded. Second to the wall
 * in python-imports.ts: code strings cannot be evaluated and no global reaches the host. The worker keeps what it
 * needs in its own closures.
 */
const KEPT = new Set(
  `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp
  Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Intl
  ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array
  Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set WeakMap WeakSet Proxy Reflect
  FinalizationRegistry WeakRef decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape isFinite isNaN
  SharedArrayBuffer Atomics WebAssembly TextEncoder TextDecoder setTimeout clearTimeout queueMicrotask performance
  AbortController AbortSignal Event EventTarget DOMException Iterator`.split(/\s+/),
)

export function enterBareRealm(): void {
  for (const name of Object.getOwnPropertyNames(globalThis))
    if (!KEPT.has(name)) Reflect.deleteProperty(globalThis, name)
  const silent = () => {}
  Object.assign(globalThis, {
    console: { log: silent, info: silent, warn: silent, error: silent, debug: silent },
  })
  forbidCodeFromStrings()
}

/** `Function` stays a name for `instanceof` and `extends`; called, it and its three siblings throw. */
function forbidCodeFromStrings(): void {
  for (const maker of [() => {}, async () => {}, function* () {}, async function* () {}]) {
    const prototype = Object.getPrototypeOf(maker)
    const refuse = () => {
      throw new EvalError('code from strings is closed')
    }
    Object.defineProperty(refuse, 'prototype', { value: prototype })
    Object.defineProperty(prototype, 'constructor', { value: refuse, writable: false, configurable: false })
  }
  Object.assign(globalThis, { Function: (() => {}).constructor })
}
