/** Every run of the folder: how far it is, how well it does, and its curve in small. */
import { useState } from 'preact/hooks'
import type { RunRow, RunSeries } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { usePoll } from '../fetch.ts'
import { ago, percent, whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { href } from '../router.ts'
import { Boundary, Empty, Problem, StatusPill } from '../ui.tsx'

export function RunList() {
  const { value: runs, error } = usePoll<RunRow[]>('/runs', () => 2000)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [search, setSearch] = useState('')
  if (runs?.length === 0)
    return (
      <Empty page title="No runs yet">
        <p>A run appears here as soon as it starts, and its curves grow while it trains.</p>
        <pre class="command">npx r1 train r1-zero</pre>
      </Empty>
    )
  const newestFirst = [...(runs ?? [])].sort((a, b) => (b.created ?? '').localeCompare(a.created ?? ''))
  const shown = newestFirst.filter(({ id, recipe }) =>
    `${id} ${recipe}`.toLowerCase().includes(search.toLowerCase()),
  )
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id])
  return (
    <section class="page">
      <div class="heading">
        <h1>Runs</h1>
        <div class="actions">
          <label class="search">
            <Icon name="search" />
            <input
              type="search"
              aria-label="Search runs"
              placeholder="Search runs"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          </label>
          {chosen.length > 1 ? (
            <a class="button primary" href={href(['runs', chosen.join(',')])}>
              <Icon name="compare" />
              Lay {chosen.length} over each other
            </a>
          ) : null}
        </div>
      </div>
      <Problem text={error} />
      <ul class="run-list">
        {shown.map((run) => (
          <Boundary key={run.id}>
            <RunItem run={run} chosen={chosen.includes(run.id)} onChoose={() => toggle(run.id)} />
          </Boundary>
        ))}
      </ul>
    </section>
  )
}

function RunItem({ run, chosen, onChoose }: { run: RunRow; chosen: boolean; onChoose: () => void }) {
  const { id, status, recipe, seed, created, step, steps, accuracy, pass1, meanTokens, problem } = run
  const share = step !== null && steps ? Math.min(1, step / steps) : 0
  return (
    <li class="run-item">
      <label class="choose">
        <input type="checkbox" checked={chosen} onChange={onChoose} aria-label={`Compare ${id}`} />
      </label>
      <a href={href(['runs', id])} class="run-link">
        <span class="run-name">
          <strong>{visible(id)}</strong>
          <span class="muted">{visible(problem ?? `${recipe} · seed ${seed} · ${ago(created)}`)}</span>
        </span>
        <Sparkline key={status} run={run} />
        <span class="run-progress">
          <StatusPill status={status} />
          <span class="muted number">
            {whole(step)}
            {steps === null ? '' : ` / ${whole(steps)}`}
          </span>
          <span class="track">
            <span style={{ width: `${100 * share}%` }} />
          </span>
        </span>
        <Figure label="accuracy" value={percent(accuracy)} />
        <Figure label="held-out" value={percent(pass1)} />
        <Figure label="tokens" value={whole(meanTokens)} />
      </a>
    </li>
  )
}

const Figure = ({ label, value }: { label: string; value: string }) => (
  <span class="figure">
    <b>{value}</b>
    <span>{label}</span>
  </span>
)

const [WIDTH, HEIGHT] = [132, 36]

/** Accuracy, or the loss of a recipe without one. It is asked for again while the run trains. */
function Sparkline({ run }: { run: RunRow }) {
  const path =
    run.status === 'broken'
      ? undefined
      : `/runs/${encodeURIComponent(run.id)}/series?keys=accuracy,loss&points=66`
  const { value } = usePoll<RunSeries>(path, (series) =>
    series === undefined || series.read < 1 ? 200 : series.status === 'running' ? 3000 : undefined,
  )
  const { accuracy, loss } = value?.steps.series ?? {}
  const points = (accuracy ?? loss)?.mean.filter((point) => point !== null) ?? []
  if (points.length < 2)
    return <svg class="sparkline" aria-hidden="true" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} />
  const low = accuracy ? 0 : Math.min(...points)
  const high = Math.max(...points)
  const at = points.map((point, i) => {
    const x = (i / (points.length - 1)) * (WIDTH - 6) + 3
    const y = HEIGHT - 4 - ((point - low) / (high - low || 1)) * (HEIGHT - 8)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  })
  const [endX, endY] = at.at(-1)!.split(',')
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${accuracy ? 'Accuracy' : 'Loss'} over steps`}
    >
      <polygon points={`3,${HEIGHT - 2} ${at.join(' ')} ${WIDTH - 3},${HEIGHT - 2}`} />
      <polyline points={at.join(' ')} />
      <circle cx={endX} cy={endY} r="2.6" />
    </svg>
  )
}
