/** Compiles graphs once and keeps the programs that were used most recently. */
import type { Graph, Program, Runtime } from '../../runtime/runtime.ts'

export interface Programs {
  readonly runtime: Runtime
  /** The program of this key; `build` makes its graph the first time. */
  get(key: string, build: () => Graph): Promise<Program>
}

const CAPACITY = 160

/** `change` is done to every graph. */
export function createPrograms(runtime: Runtime, change = (graph: Graph) => graph): Programs {
  const programs = new Map<string, Promise<Program>>()
  return {
    runtime,
    async get(key, build) {
      let compiled = programs.get(key)
      programs.delete(key)
      compiled ??= runtime.compile(change(build()))
      programs.set(key, compiled)
      for (const [oldest, program] of programs) {
        if (programs.size <= CAPACITY) break
        programs.delete(oldest)
        close(program)
      }
      return compiled
    },
  }
}

/** The same programs of changed graphs, under keys of their own. */
export const changedPrograms = (
  { runtime, get }: Programs,
  key: string,
  change: (graph: Graph) => Graph,
): Programs => ({ runtime, get: (own, build) => get(`${key} ${own}`, () => change(build())) })

/** One that was not made has said so to whoever asked for it. */
const close = (program: Promise<Program>): void =>
  void program.then(
    ({ close }) => close(),
    () => {},
  )
