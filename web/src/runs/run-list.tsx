/** Every run of the folder: how far it is, how well it does, and its curve in small; sorted, filtered, with the columns of one's choice. */
import { useState } from 'preact/hooks'
import { EVALUATION_KEYS, measureOf } from '../../../src/measures/measures.ts'
import type { RunRow, RunSeries, ServerAbilities } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { useJson, usePoll } from '../fetch.ts'
import { ago, duration, whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { href } from '../router.ts'
import { Boundary, Command, Empty, Loading, Problem, StatusPill } from '../ui.tsx'
import { StartRun } from './start-run.tsx'

/** A figure of the newest step (`latest.accuracy`) or of the newest evaluation (`heldOut.pass1`). */
type FigureKey = `${'latest' | 'heldOut'}.${string}`

const USUAL: readonly FigureKey[] = ['heldOut.pass1', 'latest.accuracy', 'latest.meanTokens']
const HIDDEN = new Set(['step', 'n', 'samples', 'sampledTokens'])

const ORDERS = {
  newest: 'newest first',
  oldest: 'oldest first',
  name: 'by name',
  step: 'by step',
} as const
type Order = keyof typeof ORDERS | FigureKey

export function RunList() {
  const { value: runs, error } = usePoll<RunRow[]>('/runs', () => 2000)
  const { value: abilities } = useJson<ServerAbilities>('/abilities')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [search, setSearch] = useState('')
  const [status, setStatus] = useState('')
  const [tag, setTag] = useState('')
  const [order, setOrder] = useKept<Order>('r1-order', 'newest')
  const [columns, setColumns] = useKept<readonly FigureKey[]>('r1-columns', USUAL)
  const start = abilities?.training ? <StartRun presets={abilities.presets} /> : null
  if (runs === undefined) return error === undefined ? <Loading /> : <Problem text={error} />
  if (runs.length === 0)
    return (
      <Empty page title="No runs yet">
        <p>A run appears here as soon as it starts, and its curves grow while it trains.</p>
        <Command text="npx r1 train r1-zero" />
        {start}
        <Problem text={error} />
      </Empty>
    )
  const known = [...new Set([...columns, ...runs.flatMap(figuresOf)])]
  const tags = [...new Set(runs.flatMap(({ notes }) => notes.tags))].sort()
  const shown = runs
    .filter((run) => status === '' || run.status === status)
    .filter((run) => tag === '' || run.notes.tags.includes(tag))
    .filter((run) => textOf(run).includes(search.toLowerCase()))
    .sort(comparison(order))
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id])
  return (
    <section class="page">
      <div class="heading">
        <h1>Runs</h1>
        <div class="actions">
          {chosen.length > 1 ? (
            <a class="button primary" href={href(['runs', chosen.join(',')])}>
              <Icon name="compare" />
              Compare {chosen.length}
            </a>
          ) : null}
          {start}
        </div>
      </div>
      <div class="toolbar list-tools" role="toolbar" aria-label="List">
        <label class="search">
          <Icon name="search" />
          <input
            type="search"
            aria-label="Search runs"
            placeholder="Search runs and notes"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        <Choice label="Status" value={status} onChange={setStatus}>
          <option value="">any status</option>
          {[...new Set(runs.map((run) => run.status))].map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Choice>
        {tags.length === 0 ? null : (
          <Choice label="Tag" value={tag} onChange={setTag}>
            <option value="">any tag</option>
            {tags.map((one) => (
              <option key={one} value={one}>
                {visible(one)}
              </option>
            ))}
          </Choice>
        )}
        <Choice label="Order" value={order} onChange={(value) => setOrder(value as Order)}>
          {Object.entries(ORDERS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          {columns.map((key) => (
            <option key={key} value={key}>
              by {labelOf(key)}
            </option>
          ))}
        </Choice>
        <details class="columns">
          <summary class="ghost">Columns</summary>
          <fieldset aria-label="Columns">
            {known.map((key) => (
              <label key={key}>
                <input
                  type="checkbox"
                  checked={columns.includes(key)}
                  onChange={() =>
                    setColumns(
                      columns.includes(key) ? columns.filter((other) => other !== key) : [...columns, key],
                    )
                  }
                />
                {labelOf(key)}
              </label>
            ))}
          </fieldset>
        </details>
      </div>
      <Problem text={error} />
      {shown.length === 0 ? <p class="muted">No run fits.</p> : null}
      <ul class="run-list" style={{ '--figures': columns.length }}>
        {shown.map((run) => (
          <Boundary key={run.id}>
            <RunItem
              run={run}
              columns={columns}
              chosen={chosen.includes(run.id)}
              onChoose={() => toggle(run.id)}
            />
          </Boundary>
        ))}
      </ul>
    </section>
  )
}

function Choice({
  label,
  value,
  onChange,
  children,
}: {
  label: string
  value: string
  onChange: (value: string) => void
  children: preact.ComponentChildren
}) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {children}
    </select>
  )
}

/** A choice that this browser remembers. */
function useKept<T>(key: string, otherwise: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? '') as T
    } catch {
      return otherwise
    }
  })
  return [
    value,
    (next) => {
      localStorage.setItem(key, JSON.stringify(next))
      setValue(next)
    },
  ]
}

const figuresOf = ({ latest, heldOut }: RunRow): FigureKey[] => [
  ...EVALUATION_KEYS.filter((key) => key in heldOut).map((key) => `heldOut.${key}` as const),
  ...Object.keys(latest)
    .filter((key) => !HIDDEN.has(key))
    .map((key) => `latest.${key}` as const),
]

function labelOf(key: FigureKey): string {
  const [group, ...name] = key.split('.')
  const { short, label } = measureOf(name.join('.'))
  return group === 'heldOut' ? `held-out ${label}` : (short ?? label)
}

function figureOf(run: RunRow, key: FigureKey): number | undefined {
  const [group, ...name] = key.split('.')
  return run[group as 'latest' | 'heldOut'][name.join('.')]
}

const textOf = ({ id, recipe, notes }: RunRow) =>
  `${id} ${recipe} ${notes.text} ${notes.tags.join(' ')}`.toLowerCase()

/** Runs without the figure come last. */
function comparison(order: Order): (a: RunRow, b: RunRow) => number {
  if (order === 'name') return (a, b) => a.id.localeCompare(b.id, 'en', { numeric: true })
  if (order === 'step') return (a, b) => (b.step ?? -1) - (a.step ?? -1)
  if (order === 'newest' || order === 'oldest') {
    const sign = order === 'newest' ? 1 : -1
    return (a, b) => sign * (b.created ?? '').localeCompare(a.created ?? '')
  }
  const sign = measureOf(order.split('.')[1]!).better === 'lower' ? -1 : 1
  const value = (run: RunRow) => figureOf(run, order) ?? Number.NEGATIVE_INFINITY * sign
  return (a, b) => sign * (value(b) - value(a)) || a.id.localeCompare(b.id)
}

function RunItem({
  run,
  columns,
  chosen,
  onChoose,
}: {
  run: RunRow
  columns: readonly FigureKey[]
  chosen: boolean
  onChoose: () => void
}) {
  const { id, status, recipe, seed, created, step, steps, secondsLeft, notes, problem } = run
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
          {notes.text === '' && notes.tags.length === 0 ? null : (
            <span class="run-notes">
              {notes.tags.map((tag) => (
                <span key={tag} class="tag">
                  {visible(tag)}
                </span>
              ))}
              <span class="muted">{visible(notes.text)}</span>
            </span>
          )}
        </span>
        <Sparkline key={status} run={run} />
        <span class="run-progress">
          <StatusPill status={status} />
          <span class="muted number">
            {secondsLeft !== null
              ? `${duration(secondsLeft)} left`
              : `${whole(step)}${steps === null ? '' : ` / ${whole(steps)}`}`}
          </span>
          <span class="track">
            <span style={{ width: `${100 * share}%` }} />
          </span>
        </span>
        <span class="figures">
          {columns.map((key) => {
            const value = figureOf(run, key)
            return (
              <span key={key} class="figure">
                <b>{value === undefined ? '–' : measureOf(key.split('.')[1]!).format(value)}</b>
                <span>{labelOf(key)}</span>
              </span>
            )
          })}
        </span>
      </a>
    </li>
  )
}

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
