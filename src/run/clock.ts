/** How long a run took, the time before it was resumed included; its checkpoints keep the seconds so far. */
import type { Checkpoint } from './checkpoint.ts'

export function startClock(resume: Pick<Checkpoint, 'state'> | undefined): () => number {
  const started = performance.now() - 1000 * Number(resume?.state.seconds ?? 0)
  return () => (performance.now() - started) / 1000
}
