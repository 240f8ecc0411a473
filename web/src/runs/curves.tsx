/** The curves of one run or several: smoothing, a window over steps shared by all charts, live while a run trains. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { RunDetails, RunFindings, RunRow, RunSeries } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { SELDOM, useJson, usePoll } from '../fetch.ts'
import { whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { href, navigate } from '../router.ts'
import { Empty, Loading, Problem } from '../ui.tsx'
import { ChartCard, type StepWindow } from './chart-card.tsx'
import { Findings, findingsOf } from './findings.tsx'
import { type Panel, panelsFor } from './panels.ts'
import { meanOverSeeds, type SeedGroup, seedGroups } from './seeds.ts'

export function Curves({ ids }: { ids: string[] }) {
  const [window, setWindow] = useState<StepWindow>()
  const [smoothing, setSmoothing] = useState(0)
  const [loaded, setLoaded] = useState<Record<string, RunSeries>>({})
  const [details, setDetails] = useState<Record<string, RunDetails>>({})
  const [problems, setProblems] = useState<Record<string, string | undefined>>({})
  const [together, setTogether] = useState(true)
  const { value: runs } = useJson<RunRow[]>('/runs')
  const alone = ids.length === 1 ? ids[0]! : undefined
  const { value: found } = usePoll<RunFindings>(
    alone === undefined ? undefined : `/runs/${encodeURIComponent(alone)}/findings`,
    () => SELDOM,
  )
  const groups = useMemo(() => seedGroups(ids, details), [details])
  const hasSeeds = groups.some((group) => group.ids.length > 1)
  const drawn = together ? groups : ids.map((id) => ({ label: id, ids: [id] }))
  const shown = useMemo(
    () =>
      drawn.flatMap(({ label, ids: members }) => {
        const known = members.flatMap((id) => loaded[id] ?? [])
        if (known.length < members.length) return []
        return [{ id: label, series: known.length === 1 ? known[0]! : meanOverSeeds(known) }]
      }),
    [loaded, groups, together],
  )
  const keys = useMemo(() => mergedKeys(shown.map(({ series }) => series)), [shown])
  const { varying: panels, constant } = useMemo(() => constants(panelsFor(keys), shown), [shown])
  const first = Math.min(...shown.map(({ series }) => series.firstStep ?? 0))
  const last = Math.max(0, ...shown.map(({ series }) => series.lastStep ?? 0))
  const read = Math.min(1, ...shown.map(({ series }) => series.read))
  const zoom = (factor: number) => {
    const { from, to } = window ?? { from: first, to: last }
    const [middle, half] = [(from + to) / 2, ((to - from) / 2) * factor]
    if (middle - half <= first && middle + half >= last) setWindow(undefined)
    else
      setWindow({
        from: Math.max(first, Math.floor(middle - half)),
        to: Math.min(last, Math.ceil(middle + half)),
      })
  }
  const move = (share: number) => {
    if (window === undefined) return
    const width = window.to - window.from
    const from = Math.min(Math.max(first, window.from + Math.round(width * share)), last - width)
    setWindow({ from, to: from + width })
  }
  const others = (runs ?? []).filter(({ id }) => !ids.includes(id))
  return (
    <>
      {ids.map((id) => (
        <Loader
          key={id}
          id={id}
          window={window}
          alone={ids.length === 1}
          onLoad={(series) => setLoaded((now) => ({ ...now, [id]: series }))}
          onDetails={(run) => setDetails((now) => ({ ...now, [id]: run }))}
          onProblem={(problem) => setProblems((now) => ({ ...now, [id]: problem }))}
        />
      ))}
      <Problem text={ids.map((id) => problems[id]).find((problem) => problem !== undefined)} />
      <div class="toolbar" role="toolbar" aria-label="Charts">
        <label class="slider">
          <span>Smoothing</span>
          <input
            type="range"
            min="0"
            max="0.99"
            step="0.01"
            value={smoothing}
            onInput={(event) => setSmoothing(Number(event.currentTarget.value))}
          />
          <output class="number">{smoothing.toFixed(2)}</output>
        </label>
        <div class="button-group">
          <button type="button" aria-label="Zoom in" title="Zoom in" onClick={() => zoom(0.5)}>
            +
          </button>
          <button
            type="button"
            aria-label="Zoom out"
            title="Zoom out"
            onClick={() => zoom(2)}
            disabled={window === undefined}
          >
            −
          </button>
          <button
            type="button"
            aria-label="Earlier steps"
            onClick={() => move(-0.5)}
            disabled={window === undefined}
          >
            <Icon name="left" />
          </button>
          <button
            type="button"
            aria-label="Later steps"
            onClick={() => move(0.5)}
            disabled={window === undefined}
          >
            <Icon name="right" />
          </button>
          <button type="button" onClick={() => setWindow(undefined)} disabled={window === undefined}>
            All steps
          </button>
        </div>
        <span class="muted number grow steps-shown">
          {window === undefined
            ? `steps ${whole(Number.isFinite(first) ? first : 0)} to ${whole(last)}`
            : `steps ${whole(window.from)} to ${whole(window.to)}`}
          {read < 1 ? `, reading ${Math.round(100 * read)} %` : ''}
        </span>
        {hasSeeds ? (
          <label class="toggle">
            <input type="checkbox" checked={together} onChange={() => setTogether(!together)} />
            Mean and range of seeds
          </label>
        ) : null}
        {others.length === 0 ? null : (
          <label class="field inline">
            <span>Lay over</span>
            <select
              value=""
              onChange={(event) => navigate(href(['runs', [...ids, event.currentTarget.value].join(',')]))}
            >
              <option value="">another run…</option>
              {others.map(({ id }) => (
                <option key={id} value={id}>
                  {visible(id)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {ids.length > 1 ? <RunLegend groups={drawn} all={ids} /> : null}
      {shown.length === 0 && Object.values(problems).every((problem) => problem === undefined) ? (
        <Loading />
      ) : null}
      {shown.length > 0 && panels.length === 0 && constant.length === 0 && read === 1 ? (
        <Empty title="Nothing measured yet">
          <p>The first step draws the first points. Before it, the base model is measured.</p>
        </Empty>
      ) : null}
      <div class="charts">
        {panels.map((panel) => (
          <ChartCard
            key={panel.title}
            panel={panel}
            runs={shown}
            smoothing={smoothing}
            window={window}
            onWindow={setWindow}
          >
            {alone === undefined ? null : (
              <Findings run={alone} findings={findingsOf(panel, panels, found?.findings ?? [])} />
            )}
          </ChartCard>
        ))}
      </div>
      {constant.length === 0 ? null : (
        <details class="constants">
          <summary>
            {constant.length === 1 ? 'One figure' : `${constant.length} figures`} that never changed
          </summary>
          <ul>
            {constant.map(({ title, value }) => (
              <li key={title}>
                {title} <b class="number">{value}</b>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

/** A value that so many steps share is a constant. */
const CONSTANT_AFTER = 3

/** Panels whose every line stays at one value as it is written, apart from the others. */
function constants(
  panels: readonly Panel[],
  runs: readonly { id: string; series: RunSeries }[],
): { varying: Panel[]; constant: { title: string; value: string }[] } {
  const values = ({ lines, format }: Panel) =>
    lines.map(({ table, key }) => {
      const all = runs.flatMap(({ series }) => series[table].series[key]?.mean ?? [])
      const known = all.filter((value) => value !== null)
      return { count: known.length, distinct: [...new Set(known.map(format))] }
    })
  const isConstant = (panel: Panel) =>
    values(panel).every(({ count, distinct }) => count >= CONSTANT_AFTER && distinct.length === 1)
  return {
    varying: panels.filter((panel) => !isConstant(panel)),
    constant: panels.filter(isConstant).map((panel) => ({
      title: panel.title,
      value: [...new Set(values(panel).flatMap(({ distinct }) => distinct))].join(', '),
    })),
  }
}

/** Asks for one run's series: on at once while the file is being read, every second while it trains, then seldom. */
function Loader({
  id,
  window,
  alone,
  onLoad,
  onDetails,
  onProblem,
}: {
  id: string
  window: StepWindow
  /** No other run is beside it. */
  alone: boolean
  onLoad: (series: RunSeries) => void
  onDetails: (run: RunDetails) => void
  onProblem: (problem: string | undefined) => void
}) {
  const range = window === undefined ? '' : `&from=${window.from}&to=${window.to}`
  const { value, error } = usePoll<RunSeries>(
    `/runs/${encodeURIComponent(id)}/series?points=500${range}`,
    (series) => (series === undefined || series.read < 1 ? 50 : series.status === 'running' ? 1000 : SELDOM),
    (series) => (series === undefined ? '' : `&known=${encodeURIComponent(series.version)}`),
  )
  const { value: details } = useJson<RunDetails>(alone ? undefined : `/runs/${encodeURIComponent(id)}`)
  useEffect(() => {
    if (value !== undefined) onLoad(value)
  }, [value])
  useEffect(() => {
    if (details !== undefined) onDetails(details)
  }, [details])
  useEffect(() => onProblem(error), [error])
  return null
}

function RunLegend({ groups, all }: { groups: readonly SeedGroup[]; all: readonly string[] }) {
  return (
    <ul class="run-legend">
      {groups.map(({ label, ids }, i) => (
        <li key={label}>
          <span class="swatch" style={{ background: `var(--series-${(i % 8) + 1})` }} />
          <a href={href(['runs', ids.join(',')])}>{visible(label)}</a>
          <a
            class="icon-button"
            aria-label={`Take ${label} away`}
            href={href(['runs', all.filter((other) => !ids.includes(other)).join(',')])}
          >
            <Icon name="close" />
          </a>
        </li>
      ))}
    </ul>
  )
}

function mergedKeys(all: readonly RunSeries[]): RunSeries['keys'] {
  const union = (table: keyof RunSeries['keys']) => [...new Set(all.flatMap(({ keys }) => keys[table]))]
  return { steps: union('steps'), timing: union('timing'), evaluations: union('evaluations') }
}
