/** Clients, and whether their hearts still beat: who falls silent loses their models. */
import { randomUUID } from 'node:crypto'
import { WireError } from './wire-error.ts'

export interface Sessions {
  create(): string
  beat(id: string): void
  close(): void
}

/** Each costs a few bytes until it falls silent. */
const MOST = 10_000

export function createSessions(timeoutSeconds: number, onSilent: (id: string) => void): Sessions {
  const heard = new Map<string, number>()
  const sweep = setInterval(() => {
    const oldest = performance.now() - timeoutSeconds * 1000
    for (const [id, at] of heard)
      if (at < oldest) {
        heard.delete(id)
        onSilent(id)
      }
  }, Math.min(60, timeoutSeconds) * 1000)
  sweep.unref()
  return {
    create() {
      if (heard.size >= MOST) throw new WireError(429, `${MOST} sessions are open`)
      const id = `session_${randomUUID().slice(0, 8)}`
      heard.set(id, performance.now())
      return id
    },
    beat(id) {
      if (!heard.has(id)) throw new WireError(404, `Session not found: ${id}`)
      heard.set(id, performance.now())
    },
    close: () => clearInterval(sweep),
  }
}
