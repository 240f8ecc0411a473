/** Weights on disk that are sampled from: each folder is opened once, and those unused for longest are closed. */
import type { Engine, Policy } from '../../engine/engine.ts'

export interface OpenedWeights {
  /** Opens the folder where it is not; it stays open until `work` has ended. */
  use<T>(folder: string, work: (policy: Policy) => Promise<T>): Promise<T>
  /** Who asks for the folder next opens it again; what is open is closed when its last use has ended. */
  drop(folder: string): Promise<void>
  close(): Promise<void>
}

interface Opened {
  engine: Promise<Engine>
  uses: Set<Promise<unknown>>
}

/** How many may stay open while nobody uses them. */
const KEPT = 4

export function createOpenedWeights(open: (folder: string) => Promise<Engine>): OpenedWeights {
  /** The one used last is the last. */
  const opened = new Map<string, Opened>()

  async function drop(folder: string): Promise<void> {
    const entry = opened.get(folder)
    if (entry === undefined) return
    opened.delete(folder)
    await Promise.allSettled(entry.uses)
    const engine = await entry.engine.catch(() => undefined)
    engine?.close()
  }

  return {
    async use(folder, work) {
      const entry = opened.get(folder) ?? { engine: open(folder), uses: new Set() }
      opened.delete(folder)
      opened.set(folder, entry)
      const [oldest] = opened.keys()
      if (opened.size > KEPT) void drop(oldest!)
      const done = entry.engine.then(work)
      entry.uses.add(done)
      // What could not be opened may be there the next time.
      entry.engine.catch(() => opened.get(folder) === entry && opened.delete(folder))
      try {
        return await done
      } finally {
        entry.uses.delete(done)
      }
    },
    drop,
    async close() {
      await Promise.all([...opened.keys()].map(drop))
    },
  }
}
