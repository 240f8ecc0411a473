/** A runtime that can be held between two runs of its programs, where nothing is lost. */
import type { Runtime } from '../../../src/runtime/runtime.ts'

export interface Gate {
  close(): void
  open(): void
  /** Lets runs pass while this lasts, those that wait already excepted. */
  passWhile<T>(work: () => Promise<T>): Promise<T>
  pass(): Promise<void>
}

export function createGate(): Gate {
  let closed: { opened: Promise<void>; open: () => void } | undefined
  let passing = 0
  return {
    close() {
      if (closed !== undefined) return
      let open = () => {}
      const opened = new Promise<void>((resolve) => {
        open = resolve
      })
      closed = { opened, open }
    },
    open() {
      closed?.open()
      closed = undefined
    },
    async passWhile(work) {
      passing++
      try {
        return await work()
      } finally {
        passing--
      }
    },
    async pass() {
      if (closed !== undefined && passing === 0) await closed.opened
    },
  }
}

export const pausable = (runtime: Runtime, gate: Gate): Runtime => ({
  ...runtime,
  async compile(graph) {
    const program = await runtime.compile(graph)
    return {
      close: () => program.close(),
      async run(run) {
        await gate.pass()
        return await program.run(run)
      },
    }
  },
})
