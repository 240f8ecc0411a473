/** One run, or several laid over each other: curves, rollouts, evaluation, settings. */
import type { RunDetails } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { RunEvaluation } from '../evaluations/run-evaluation.tsx'
import { SELDOM, usePoll } from '../fetch.ts'
import { ago } from '../format.ts'
import { Icon } from '../icons.tsx'
import { Rescore } from '../rescore/rescore.tsx'
import { Rollouts } from '../rollouts/rollouts.tsx'
import { href } from '../router.ts'
import { Loading, Problem, StatusPill } from '../ui.tsx'
import { CompareSettings } from './compare-settings.tsx'
import { Curves } from './curves.tsx'
import { Notes } from './notes.tsx'
import { Settings } from './settings.tsx'
import { Summary } from './summary.tsx'

const TABS = [
  { name: 'curves', label: 'Curves' },
  { name: 'rollouts', label: 'Rollouts' },
  { name: 'evaluation', label: 'Evaluation' },
  { name: 'settings', label: 'Settings' },
  { name: 'rescore', label: 'Rescore' },
] as const

/** Of several runs. */
const COMPARED = ['curves', 'settings']

export function RunPage({ ids, tab, rest }: { ids: string[]; tab: string; rest: string[] }) {
  const id = ids[0]!
  const alone = ids.length === 1
  const { value, error } = usePoll<RunDetails>(
    alone ? `/runs/${encodeURIComponent(id)}` : undefined,
    (known) => (known?.status === 'running' ? 2000 : SELDOM),
  )
  // A poll keeps the old value until the new one is there.
  const run = value?.id === id ? value : undefined
  return (
    <section class="page wide">
      <a class="back" href={href(['runs'])}>
        <Icon name="left" />
        Runs
      </a>
      <div class="heading">
        <div>
          <h1>{alone ? visible(id) : `${ids.length} runs`}</h1>
          {run === undefined ? null : <Facts run={run} />}
        </div>
      </div>
      {/* The curves say what is wrong themselves. */}
      {alone && (tab !== 'curves' || run === undefined) ? <Problem text={error} /> : null}
      {run?.problem === undefined ? null : <Problem text={run.problem} />}
      {run === undefined || run.status === 'broken' ? null : (
        <>
          <Summary key={`summary ${id}`} run={run} />
          <Notes key={`notes ${id}`} run={run} />
        </>
      )}
      {alone && run === undefined ? null : (
        <nav class="tabs" aria-label={alone ? 'Parts of the run' : 'Parts of the runs'}>
          {TABS.filter(({ name }) => alone || COMPARED.includes(name)).map(({ name, label }) => (
            <a
              key={name}
              href={href(['runs', ids.join(','), name])}
              aria-current={tab === name ? 'page' : undefined}
            >
              {label}
            </a>
          ))}
        </nav>
      )}
      {alone && run === undefined && error === undefined ? <Loading /> : null}
      {(!alone || run !== undefined) && tab === 'curves' ? <Curves key={ids.join()} ids={ids} /> : null}
      {!alone && tab === 'settings' ? <CompareSettings key={ids.join()} ids={ids} /> : null}
      {run !== undefined && tab === 'rollouts' ? (
        <Rollouts key={id} run={run} source={rest[0]} group={rest[1]} />
      ) : null}
      {run !== undefined && tab === 'evaluation' ? <RunEvaluation run={run} /> : null}
      {run !== undefined && tab === 'settings' ? <Settings run={run} /> : null}
      {run !== undefined && tab === 'rescore' ? <Rescore key={id} run={run} step={rest[0]} /> : null}
    </section>
  )
}

function Facts({ run }: { run: RunDetails }) {
  const { id, fork, status, recipe, seed, model, task, created, version } = run
  return (
    <p class="facts">
      <StatusPill status={status} />
      <span>{recipe}</span>
      <span>seed {seed}</span>
      {fork === null ? null : (
        <a href={href(['runs', `${fork.run},${id}`])}>
          fork of {visible(fork.run)} at step {fork.step}
        </a>
      )}
      {model === null ? null : <span>{model}</span>}
      {task === null ? null : <span>{task}</span>}
      <span title={created ?? ''}>{ago(created)}</span>
      <span>r1-ts {version}</span>
    </p>
  )
}
