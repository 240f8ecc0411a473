/** One chart: legend with the values under the pointer, zoom by dragging, PNG and CSV. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import type { RunSeries } from '../../../src/server/dashboard/api.ts'
import { Icon } from '../icons.tsx'
import { href, navigate } from '../router.ts'
import { useThemeVersion } from '../theme.tsx'
import { download } from '../ui.tsx'
import { type Curve, chartData } from './chart-data.ts'
import { chartOptions } from './chart-options.ts'
import { chartCsv, chartPng } from './export.ts'
import type { Panel } from './panels.ts'

/** Steps in view; undefined is all of them. */
export type StepWindow = { from: number; to: number } | undefined

interface Props {
  panel: Panel
  runs: readonly { id: string; series: RunSeries }[]
  smoothing: number
  window: StepWindow
  onWindow: (window: StepWindow) => void
  /** A step was chosen; by default the rollouts of the only run are shown. */
  onStep?: (step: number) => void
  /** Below the plot. */
  children?: ComponentChildren
}

export function ChartCard({ panel: wanted, runs, smoothing, window, onWindow, onStep, children }: Props) {
  // Areas of several runs would stand on each other.
  const panel = runs.length > 1 ? { ...wanted, stacked: false } : wanted
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [at, setAt] = useState<number | null>(null)
  const theme = useThemeVersion()
  const { data, curves } = useMemo(() => chartData(panel, runs, smoothing), [runs, smoothing, panel.title])
  // What the curves look like; while that is the same, new data goes into the plot that is there.
  const shape = JSON.stringify([theme, curves.map(({ own, ...look }) => look)])
  const only = runs.length === 1 ? runs[0]!.id : undefined
  const choose =
    onStep ?? ((step: number) => only !== undefined && navigate(href(['runs', only, 'rollouts', step])))
  const now = useRef({ choose, onWindow })
  now.current = { choose, onWindow }

  useEffect(() => {
    const element = place.current!
    if (curves.length === 0) return
    const made = new uPlot(
      chartOptions(panel, curves, {
        width: element.clientWidth,
        onCursor: setAt,
        onSelect: (from, to) =>
          now.current.onWindow({ from: Math.max(0, Math.floor(from)), to: Math.max(0, Math.ceil(to)) }),
        onStep: (step) => now.current.choose(step),
      }),
      data,
      element,
    )
    plot.current = made
    const resized = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: made.height }),
    )
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [shape])

  useEffect(() => {
    if (plot.current !== undefined && plot.current.data !== data) plot.current.setData(data)
  }, [data])

  const values = at === null ? latest(data, curves) : curves.map((curve) => valueAt(data, curve, at))
  const step = at === null ? undefined : data[0][at]
  return (
    <figure class="card chart" aria-label={`${panel.title}${window === undefined ? '' : ', zoomed'}`}>
      <figcaption>
        <div>
          <h2>{panel.title}</h2>
          <span class="muted">{step === undefined ? panel.hint : `step ${Math.round(step)}`}</span>
        </div>
        <div class="chart-actions">
          <button
            type="button"
            class="ghost"
            aria-label={`${panel.title} as CSV`}
            onClick={() => download(`${fileName(panel)}.csv`, chartCsv(data, curves), 'text/csv')}
          >
            CSV
          </button>
          <button
            type="button"
            class="ghost"
            aria-label={`${panel.title} as PNG`}
            onClick={async () =>
              plot.current &&
              download(`${fileName(panel)}.png`, await chartPng(plot.current, panel.title, curves))
            }
          >
            <Icon name="download" />
            PNG
          </button>
        </div>
      </figcaption>
      <ul class="legend">
        {curves.map((curve, i) => (
          <li key={curve.label}>
            <span
              class={`swatch ${curve.dashed ? 'dashed' : ''} ${curve.marked ? 'marked' : ''}`}
              style={{ '--c': `var(--series-${curve.color})` }}
            />
            <span>{curve.label}</span>
            <b class="number">
              {values[i] === null || values[i] === undefined ? '–' : panel.format(values[i])}
            </b>
          </li>
        ))}
      </ul>
      <div class="plot" ref={place} />
      {children}
    </figure>
  )
}

const fileName = ({ title }: Panel) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

function valueAt(data: uPlot.AlignedData, { main, own }: Curve, at: number): number | null | undefined {
  return own === undefined ? data[main]?.[at] : own[at]
}

function latest(data: uPlot.AlignedData, curves: readonly Curve[]): (number | null | undefined)[] {
  return curves.map((curve) => {
    for (let i = data[0].length - 1; i >= 0; i--) {
      const value = valueAt(data, curve, i)
      if (value !== null && value !== undefined) return value
    }
    return null
  })
}
