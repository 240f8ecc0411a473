/** Time that passes only where all wait for it: `setTimeout` and `performance.now` of this process, simulated. */

/** Real milliseconds that files may take where nothing waits for time. */
const PATIENCE = 10_000

interface Timer {
  at: number
  call: () => void
}

/**
 * Runs `work` in simulated time and gives its result with the seconds that passed. What it does besides waiting takes
 * none. Nothing else may run meanwhile.
 */
export async function inVirtualTime<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: performance.now,
  }
  const timers = new Set<Timer>()
  let now = 0
  let moved = Date.now()
  globalThis.setTimeout = ((call: () => void, milliseconds = 0) => {
    const timer: Timer & { unref(): unknown } = { at: now + milliseconds, call, unref: () => timer }
    timers.add(timer)
    return timer
  }) as unknown as typeof setTimeout
  globalThis.clearTimeout = ((timer: Timer) => void timers.delete(timer)) as unknown as typeof clearTimeout
  performance.now = () => now
  try {
    let settled = false
    const done = work().finally(() => {
      settled = true
    })
    done.catch(() => {})
    while (true) {
      // All that need not wait is done before an immediate.
      await new Promise(setImmediate)
      if (settled) return { result: await done, seconds: now / 1000 }
      const [first] = [...timers].sort((a, b) => a.at - b.at)
      if (first === undefined) {
        if (Date.now() - moved > PATIENCE) throw new Error('all wait, and for no time')
        continue
      }
      moved = Date.now()
      timers.delete(first)
      now = Math.max(now, first.at)
      first.call()
    }
  } finally {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout })
    performance.now = real.now
  }
}
