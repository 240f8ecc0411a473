/** The deadline that a sandbox's worker shares with its main thread, which kills the process when it has passed. */

/** Room for both fields: milliseconds since 1970, 0 while no program runs; and 1 where it is that of all tests. */
export const newDeadline = (): BigInt64Array => new BigInt64Array(new SharedArrayBuffer(16))

export function setDeadline(shared: BigInt64Array, at: number, ofAll: boolean): void {
  Atomics.store(shared, 1, ofAll ? 1n : 0n)
  Atomics.store(shared, 0, BigInt(Math.ceil(at)))
}

export const clearDeadline = (shared: BigInt64Array): void => setDeadline(shared, 0, false)

export function isPast(shared: BigInt64Array, graceMs: number): boolean {
  const at = Number(Atomics.load(shared, 0))
  return at > 0 && Date.now() > at + graceMs
}

/** What a fault says beside "time limit": which of the two limits it was. */
export const ALL_TESTS = 'all tests'
export const deadlineDetail = (shared: BigInt64Array): { detail?: string } =>
  Atomics.load(shared, 1) === 1n ? { detail: ALL_TESTS } : {}
