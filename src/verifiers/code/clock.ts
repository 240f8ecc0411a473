/**
 * The clock of a sandbox. Its worker sets it before each test; its main thread reads it, raises a flag that the
 * interpreter looks at, and a little later kills the process.
 *
 * A second has passed when it has passed on the wall and when the process has used a second of a processor: on a
 * busy machine a program has the time that it would have on a quiet one.
 */
const { cpuUsage } = process

/** Milliseconds since `start`; see above. */
export interface Stopwatch {
  elapsed(): number
}

/** So many times its limit on the wall is too much, however little of the processor it had. */
const MOST_WALL = 20

export function stopwatch(): Stopwatch {
  const wallStart = performance.now()
  const cpuStart = cpuUsage()
  return {
    elapsed() {
      const { user, system } = cpuUsage(cpuStart)
      const wall = performance.now() - wallStart
      return Math.min(wall, Math.max((user + system) / 1000, wall / MOST_WALL))
    },
  }
}

/** What both threads share. */
const SLOTS = { serial: 0, limitMs: 1, ofAll: 2, isOver: 3, numPassed: 4 }
export const newClock = (): Int32Array => new Int32Array(new SharedArrayBuffer(20))

/** `ofAll`: the limit is what is left of that of all tests. */
export function startClock(shared: Int32Array, limitMs: number, ofAll: boolean): void {
  Atomics.store(shared, SLOTS.isOver, 0)
  Atomics.store(shared, SLOTS.ofAll, ofAll ? 1 : 0)
  Atomics.store(shared, SLOTS.limitMs, Math.ceil(limitMs))
  Atomics.add(shared, SLOTS.serial, 1)
}

/** No program runs. */
export const stopClock = (shared: Int32Array): void => startClock(shared, 0, false)

/** For the interpreter: whether it must stop. */
export const isOver = (shared: Int32Array): boolean => Atomics.load(shared, SLOTS.isOver) === 1

/** For the main thread, to be called every few milliseconds: true where the interpreter did not stop in time. */
export function watchClock(shared: Int32Array, graceMs: number): () => boolean {
  let serial = 0
  let watch = stopwatch()
  return () => {
    const limit = Atomics.load(shared, SLOTS.limitMs)
    if (Atomics.load(shared, SLOTS.serial) !== serial) {
      serial = Atomics.load(shared, SLOTS.serial)
      watch = stopwatch()
    }
    if (limit === 0) return false
    const elapsed = watch.elapsed()
    if (elapsed > limit) Atomics.store(shared, SLOTS.isOver, 1)
    return elapsed > limit + graceMs
  }
}

/** How many tests have passed, for the main thread to report; null before the first begins. */
export function setProgress(shared: Int32Array, numPassed: number | null): void {
  Atomics.store(shared, SLOTS.numPassed, numPassed ?? -1)
}

export function progress(shared: Int32Array): number | null {
  const numPassed = Atomics.load(shared, SLOTS.numPassed)
  return numPassed < 0 ? null : numPassed
}

/** What a fault says beside "time limit": which of the two limits it was. */
export const ALL_TESTS = 'all tests'
export const limitDetail = (shared: Int32Array): { detail?: string } =>
  Atomics.load(shared, SLOTS.ofAll) === 1 ? { detail: ALL_TESTS } : {}
