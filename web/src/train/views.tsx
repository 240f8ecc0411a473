/** What a run in the tab and a recorded one show alike. */
import type { ComponentChildren } from 'preact'
import { GroupPanel } from './group-panel.tsx'
import { HeldOut } from './held-out.tsx'
import { LiveCurves } from './live-curves.tsx'
import { Tour } from './tour.tsx'
import type { TrainingState } from './training-state.ts'

/** `children` stand below the tour. */
export function Views({ state, children }: { state: TrainingState; children?: ComponentChildren }) {
  return (
    <>
      <LiveCurves figures={state.figures} measured={state.measured} />
      <div class="tab-columns">
        <div class="stack">
          <HeldOut measured={state.measured} />
          <GroupPanel state={state} />
        </div>
        <div class="stack">
          <Tour state={state} />
          {children}
        </div>
      </div>
    </>
  )
}
