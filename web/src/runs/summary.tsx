/** What matters most of a run, in one row: how much better it became, how long its responses are, and its time. */

import { useState } from 'preact/hooks'
import { measureOf } from '../../../src/measures/measures.ts'
import type { RunDetails, ServerAbilities } from '../../../src/server/dashboard/api.ts'
import { send, useJson } from '../fetch.ts'
import { ago, duration, whole } from '../format.ts'
import { Command, Problem } from '../ui.tsx'

export function Summary({ run }: { run: RunDetails }) {
  const { step, steps, seconds, secondsLeft, updated, status, resume } = run
  return (
    <>
      <dl class="summary">
        <BeforeAndNow run={run} name="pass1" title="Held-out pass@1" />
        <BeforeAndNow run={run} name="meanTokens" title="Response length" />
        <div>
          <dt>Step</dt>
          <dd>
            <b>
              {whole(step ?? 0)}
              {steps === null ? '' : ` of ${whole(steps)}`}
            </b>
            {status === 'running' && updated !== null ? (
              <span class="muted">{step === null ? 'measuring the base' : `last one ${ago(updated)}`}</span>
            ) : null}
          </dd>
        </div>
        {secondsLeft === null && seconds === null ? null : (
          <div>
            <dt>{secondsLeft === null ? 'Trained in' : 'Time left'}</dt>
            <dd>
              <b>{duration(secondsLeft ?? seconds)}</b>
            </dd>
          </div>
        )}
        <Controls run={run} />
      </dl>
      {resume === null ? null : (
        <div class="resume">
          <span>It stopped before its last step. To continue:</span>
          <Command text={resume} />
        </div>
      )}
    </>
  )
}

/** The base's figure, the newest one, and what lies between. */
function BeforeAndNow({ run, name, title }: { run: RunDetails; name: string; title: string }) {
  const { format, better } = measureOf(name)
  const [before, now] = [run.base[name], run.heldOut[name]]
  const trained = run.results.trained?.[name]
  const after = typeof trained === 'number' ? trained : now
  if (before === undefined && after === undefined) return null
  const change = before === undefined || after === undefined ? 0 : after - before
  const good =
    better === undefined || change === 0 ? '' : change > 0 === (better === 'higher') ? 'gain' : 'loss'
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <span class="muted">{before === undefined ? '–' : format(before)} → </span>
        <b class={good}>{after === undefined ? '…' : format(after)}</b>
      </dd>
    </div>
  )
}

/** Where the server lets the page do so. */
function Controls({ run }: { run: RunDetails }) {
  const { value: abilities } = useJson<ServerAbilities>('/abilities')
  const [problem, setProblem] = useState<string>()
  const [asked, setAsked] = useState<string>()
  const verb = run.status === 'running' ? 'stop' : run.status === 'stopped' ? 'resume' : undefined
  if (!abilities?.training || verb === undefined) return null
  const ask = async () => {
    setAsked(run.status)
    setProblem(undefined)
    try {
      await send('POST', `/runs/${encodeURIComponent(run.id)}/${verb}`)
    } catch (error) {
      setProblem((error as Error).message)
      setAsked(undefined)
    }
  }
  return (
    <div class="controls">
      <button type="button" class="button" disabled={asked === run.status} onClick={ask}>
        {asked === run.status
          ? verb === 'stop'
            ? 'Stopping …'
            : 'Resuming …'
          : verb === 'stop'
            ? 'Stop'
            : 'Resume'}
      </button>
      <Problem text={problem} />
    </div>
  )
}
