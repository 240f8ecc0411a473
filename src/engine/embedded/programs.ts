/** Compiles graphs once and keeps the programs that were used most recently. */
import type { Graph, Program, Runtime } from '../../runtime/runtime.ts'

export interface Programs {
  readonly runtime: Runtime
  /**
   * The program of this key for these sizes. `build` makes its graph the first time: once for all sizes where the runtime opens
   * them, for each of them otherwise.
   */
  get<Name extends string>(
    key: string,
    sizes: Readonly<Record<Name, number>>,
    build: (sizes: Readonly<Record<Name, number>>) => Graph,
  ): Promise<Pick<Program, 'run'>>
}

const CAPACITY = 160

/** What stands for open sizes while a graph is built: no model has such a size, or a multiple of it. */
const STAND_INS = [10007, 10037, 10061]

export function createPrograms(runtime: Runtime): Programs {
  const programs = new Map<string, Promise<Program>>()
  function compiled(key: string, build: () => Graph): Promise<Program> {
    const program = programs.get(key) ?? runtime.compile(build())
    programs.delete(key)
    programs.set(key, program)
    for (const [oldest, old] of programs) {
      if (programs.size <= CAPACITY) break
      programs.delete(oldest)
      close(old)
    }
    return program
  }
  return {
    runtime,
    async get(key, sizes, build) {
      if (!runtime.opensSizes) return compiled(`${key} ${Object.values(sizes).join('x')}`, () => build(sizes))
      const open = Object.fromEntries(
        Object.keys(sizes).map((name, i) => [name, STAND_INS[i]!]),
      ) as typeof sizes
      const program = await compiled(key, () => ({ ...build(open), open }))
      return { run: (run) => program.run({ ...run, sizes }) }
    },
  }
}

/** The same programs of changed graphs, under keys of their own. */
export const changedPrograms = (
  { runtime, get }: Programs,
  key: string,
  change: (graph: Graph) => Graph,
): Programs => ({
  runtime,
  get: (own, sizes, build) => get(`${key} ${own}`, sizes, (sizes) => change(build(sizes))),
})

/** One that was not made has said so to whoever asked for it. */
const close = (program: Promise<Program>): void =>
  void program.then(
    ({ close }) => close(),
    () => {},
  )
