/** Where a run's metrics go over the network: what is told before the first rows, with each of them, and at the end. */
import { EngineError } from '../../errors.ts'
import type { RunInfo, RunStatus } from '../../run/folder.ts'
import type { MetricsRow } from './metrics-sink.ts'

export interface LiveSink {
  /** Announces the run; gives the address where people look at it. */
  open(): Promise<string>
  /** Steps rise over all calls. */
  send(rows: readonly MetricsRow[]): Promise<void>
  close(status: RunStatus): Promise<void>
}

export interface LiveSinkOptions {
  /** The run's name there. */
  name: string
  info: RunInfo
  project: string
  signal: AbortSignal
}

const TRIES = 5

/**
 * Sends JSON and gives the JSON that comes back; a server that is busy or away for a moment is asked again.
 *
 * @throws {EngineError} Where it stays away or refuses.
 */
export async function postJson(
  url: string,
  body: unknown,
  headers: Record<string, string>,
  { signal, waitSeconds = 1 }: { signal: AbortSignal; waitSeconds?: number },
): Promise<unknown> {
  for (let tried = 1; ; tried++) {
    let problem: string
    let remedy = 'Check the address, and that the server runs.'
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal,
      })
      if (response.ok) return await response.json().catch(() => ({}))
      problem = `the server answered with status ${response.status}`
      if (response.status === 401 || response.status === 403) {
        tried = TRIES
        remedy = 'Check the key.'
      } else if (response.status < 500 && response.status !== 429) tried = TRIES
    } catch (cause) {
      signal.throwIfAborted()
      problem = `it cannot be reached (${((cause as Error).cause as { code?: string })?.code ?? (cause as Error).message})`
    }
    if (tried >= TRIES) throw new EngineError(`${problem}.`, { field: new URL(url).origin, remedy })
    await new Promise((resolve) => setTimeout(resolve, waitSeconds * 1000 * 2 ** (tried - 1)))
  }
}
