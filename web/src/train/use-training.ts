/** The worker that trains, from the page's side. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { download } from '../ui.tsx'
import type { Command, TabEvent } from './messages.ts'
import { forgetRun } from './saved-run.ts'
import type { TabSettings } from './settings.ts'
import { after, EMPTY, type TrainingState } from './training-state.ts'

export interface Training {
  state: TrainingState
  send: (command: Command) => void
  /** Ends the run, forgets it, and begins with the base. */
  reset: (settings: TabSettings) => void
}

export function useTraining(first: TabSettings): Training {
  const [state, setState] = useState(EMPTY)
  const worker = useRef<Worker | undefined>(undefined)
  const open = (settings: TabSettings) => {
    const made = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.current = made
    made.onmessage = ({ data }: MessageEvent<TabEvent>) => {
      if (worker.current !== made) return
      if (data.is === 'kept') download(data.name, new Blob([data.zip], { type: 'application/zip' }))
      setState((now) => after(now, data))
    }
    made.onerror = ({ message }) => setState((now) => after(now, { is: 'problem', message }))
    made.postMessage({ do: 'open', settings } satisfies Command)
  }
  useEffect(() => {
    open(first)
    return () => worker.current?.terminate()
  }, [])
  return {
    state,
    send: (command) => worker.current?.postMessage(command),
    reset(settings) {
      worker.current?.terminate()
      setState(EMPTY)
      void forgetRun().finally(() => open(settings))
    },
  }
}
