/** A run that was recorded, for browsers that cannot train: it plays in the same views. */
import { useEffect, useRef, useState } from 'preact/hooks'
import recording from '../../recorded/run.json?url'
import type { TabEvent } from './messages.ts'
import { after, EMPTY, type TrainingState } from './training-state.ts'
import { Views } from './views.tsx'

/** What was told, each with the milliseconds since the last. */
type Recording = readonly [wait: number, event: TabEvent][]

export function Recorded({ unable: { webgpu, reason } }: { unable: { webgpu: boolean; reason: string } }) {
  const [state, setState] = useState<TrainingState>(EMPTY)
  const [events, setEvents] = useState<Recording>([])
  const [at, setAt] = useState(0)
  const [plays, setPlays] = useState(true)
  const latest = useRef(state)
  latest.current = state
  useEffect(() => {
    void fetch(recording)
      .then((response) => response.json() as Promise<Recording>)
      .then(setEvents)
  }, [])
  useEffect(() => {
    const next = events[at]
    if (!plays || next === undefined) return
    const timer = setTimeout(() => {
      setState(after(latest.current, next[1]))
      setAt(at + 1)
    }, next[0])
    return () => clearTimeout(timer)
  }, [events, at, plays])
  const restart = () => {
    setState(EMPTY)
    setAt(0)
    setPlays(true)
  }
  const ended = events.length > 0 && at >= events.length
  return (
    <>
      <section class="card panel" aria-label="Why it cannot train here">
        <p role="status">
          {webgpu
            ? `This browser cannot train: ${reason} What follows is a recorded run.`
            : 'Training needs WebGPU, which Chrome and Edge have on desktops and Android, Safari from version 26, and Firefox on Windows and on Macs with Apple’s chips. What follows is a recorded run.'}
        </p>
        <div class="actions">
          <button type="button" class="button primary" onClick={() => (ended ? restart() : setPlays(!plays))}>
            {ended ? 'Play again' : plays ? 'Pause' : 'Play'}
          </button>
          <span class="muted number">Step {state.step}</span>
        </div>
      </section>
      <Views state={state} />
    </>
  )
}
