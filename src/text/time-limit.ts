/**
 * Ends a call of foreign making that takes too long, such as a regular expression that tries every way to match. In a browser
 * nothing can end it, and it runs for as long as it takes.
 */

/** Not imported, since a browser has no such module. */
const vm: typeof import('node:vm') | undefined = globalThis.process?.getBuiltinModule?.('node:vm')

const sandbox: { run: () => void } = { run: () => {} }
let context: ReturnType<typeof import('node:vm').createContext> | undefined
const script = vm && new vm.Script('run()')

/** What the call returns, or undefined where it was ended. Costs a tenth of a millisecond. */
export function withinTime<T>(milliseconds: number, call: () => T): { result: T } | undefined {
  if (vm === undefined || script === undefined) return { result: call() }
  context ??= vm.createContext(sandbox)
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
