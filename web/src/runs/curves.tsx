/** The curves of one run or several: smoothing, a window over steps shared by all charts, live while a run trains. */
import { useMemo, useState } from 'preact/hooks'
import type { RunFindings, RunRow, RunSeries } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { SELDOM, useJson, usePoll } from '../fetch.ts'
import { whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { href, navigate } from '../router.ts'
import { Empty, Problem } from '../ui.tsx'
import { ChartCard, type StepWindow } from './chart-card.tsx'
import { Findings, findingsOf } from './findings.tsx'
import { panelsFor } from './panels.ts'

export function Curves({ ids }: { ids: string[] }) {
  const [window, setWindow] = useState<StepWindow>()
  const [smoothing, setSmoothing] = useState(0)
  const [loaded, setLoaded] = useState<Record<string, RunSeries>>({})
  const { value: runs } = useJson<RunRow[]>('/runs')
  const alone = ids.length === 1 ? ids[0]! : undefined
  const { value: found } = usePoll<RunFindings>(
    alone === undefined ? undefined : `/runs/${encodeURIComponent(alone)}/findings`,
    () => SELDOM,
  )
  const shown = ids.flatMap((id) => (loaded[id] === undefined ? [] : [{ id, series: loaded[id] }]))
  const keys = useMemo(() => mergedKeys(shown.map(({ series }) => series)), [loaded])
  const panels = panelsFor(keys)
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
          onLoad={(series) => setLoaded((now) => ({ ...now, [id]: series }))}
        />
      ))}
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
        <span class="muted number grow">
          {window === undefined
            ? `steps ${whole(Number.isFinite(first) ? first : 0)} to ${whole(last)}`
            : `steps ${whole(window.from)} to ${whole(window.to)}`}
          {read < 1 ? `, reading ${Math.round(100 * read)} %` : ''}
        </span>
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
      {ids.length > 1 ? <RunLegend ids={ids} /> : null}
      {shown.length > 0 && panels.length === 0 && read === 1 ? (
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
    </>
  )
}

/** Asks for one run's series: on at once while the file is being read, every second while it trains, then seldom. */
function Loader({
  id,
  window,
  onLoad,
}: {
  id: string
  window: StepWindow
  onLoad: (series: RunSeries) => void
}) {
  const range = window === undefined ? '' : `&from=${window.from}&to=${window.to}`
  const { value, error } = usePoll<RunSeries>(
    `/runs/${encodeURIComponent(id)}/series?points=500${range}`,
    (series) => (series === undefined || series.read < 1 ? 50 : series.status === 'running' ? 1000 : SELDOM),
    (series) => (series === undefined ? '' : `&known=${encodeURIComponent(series.version)}`),
  )
  useMemo(() => {
    if (value !== undefined) onLoad(value)
  }, [value])
  return <Problem text={error} />
}

function RunLegend({ ids }: { ids: string[] }) {
  return (
    <ul class="run-legend">
      {ids.map((id, i) => (
        <li key={id}>
          <span class="swatch" style={{ background: `var(--series-${(i % 8) + 1})` }} />
          <a href={href(['runs', id])}>{visible(id)}</a>
          <a
            class="icon-button"
            aria-label={`Take ${id} away`}
            href={href(['runs', ids.filter((other) => other !== id).join(',')])}
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
