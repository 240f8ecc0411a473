/** Ends a call of foreign making that takes too long, such as a regular expression that tries every way to match. */
import { createContext, Script } from 'node:vm'

const sandbox: { run: () => void } = { run: () => {} }
let context: ReturnType<typeof createContext> | undefined
const script = new Script('run()')

/** What the call returns, or undefined where it was ended. Costs a tenth of a millisecond. */
export function withinTime<T>(milliseconds: number, call: () => T): { result: T } | undefined {
  context ??= createContext(sandbox)
  let ended: { result: T } | undefined
  sandbox.run = () => {
    ended = { result: call() }
  }
  try {
    script.runInContext(context, { timeout: milliseconds })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return undefined
  }
  return ended
}
