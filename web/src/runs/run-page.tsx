/** One run, or several laid over each other: curves, rollouts, evaluation, settings. */
import type { RunDetails } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { RunEvaluation } from '../evaluations/run-evaluation.tsx'
import { SELDOM, usePoll } from '../fetch.ts'
import { ago, duration, whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { Rollouts } from '../rollouts/rollouts.tsx'
import { href } from '../router.ts'
import { Problem, StatusPill } from '../ui.tsx'
import { Curves } from './curves.tsx'
import { Settings } from './settings.tsx'

const TABS = [
  { name: 'curves', label: 'Curves' },
  { name: 'rollouts', label: 'Rollouts' },
  { name: 'evaluation', label: 'Evaluation' },
  { name: 'settings', label: 'Settings' },
] as const

export function RunPage({ ids, tab, rest }: { ids: string[]; tab: string; rest: string[] }) {
  const id = ids[0]!
  const { value: run, error } = usePoll<RunDetails>(`/runs/${encodeURIComponent(id)}`, (known) =>
    known?.status === 'running' ? 2000 : SELDOM,
  )
  const alone = ids.length === 1
  return (
    <section class="page wide">
      <a class="back" href={href(['runs'])}>
        <Icon name="left" />
        Runs
      </a>
      <div class="heading">
        <div>
          <h1>{alone ? visible(id) : `${ids.length} runs`}</h1>
          {alone && run?.id === id ? <Facts run={run} /> : null}
        </div>
      </div>
      <Problem text={error} />
      {alone ? (
        <nav class="tabs" aria-label="Parts of the run">
          {TABS.map(({ name, label }) => (
            <a key={name} href={href(['runs', id, name])} aria-current={tab === name ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
      ) : null}
      {!alone || tab === 'curves' ? <Curves key={ids.join()} ids={ids} /> : null}
      {alone && run?.id === id && tab === 'rollouts' ? (
        <Rollouts key={id} run={run} source={rest[0]} group={rest[1]} />
      ) : null}
      {alone && run?.id === id && tab === 'evaluation' ? <RunEvaluation run={run} /> : null}
      {alone && run?.id === id && tab === 'settings' ? <Settings run={run} /> : null}
    </section>
  )
}

function Facts({ run }: { run: RunDetails }) {
  const { status, recipe, seed, model, task, step, steps, created, seconds, version } = run
  return (
    <p class="facts">
      <StatusPill status={status} />
      <span>{recipe}</span>
      <span>seed {seed}</span>
      {model === null ? null : <span>{model}</span>}
      {task === null ? null : <span>{task}</span>}
      <span class="number">
        step {whole(step ?? 0)}
        {steps === null ? '' : ` of ${whole(steps)}`}
      </span>
      {seconds === null ? null : <span>{duration(seconds)}</span>}
      <span title={created ?? ''}>{ago(created)}</span>
      <span>r1-ts {version}</span>
    </p>
  )
}
