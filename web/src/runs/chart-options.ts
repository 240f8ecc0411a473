/** How a chart looks, in uPlot's terms. */
import type uPlot from 'uplot'
import { color } from '../theme.tsx'
import type { Curve } from './chart-data.ts'
import type { Panel } from './panels.ts'

interface Handlers {
  width: number
  onCursor: (index: number | null) => void
  onSelect: (from: number, to: number) => void
  onStep: (step: number) => void
}

const HEIGHT = 208
const FONT = '11.5px "Inter Variable", system-ui, sans-serif'

export function chartOptions(panel: Panel, curves: readonly Curve[], handlers: Handlers): uPlot.Options {
  const [grid, muted, surface] = [color('grid'), color('muted'), color('surface')]
  const series: uPlot.Series[] = [{}]
  const bands: uPlot.Band[] = []
  for (const curve of curves) {
    const stroke = color(`series-${curve.color}`)
    if (curve.range !== undefined) {
      const invisible = { stroke: 'transparent', points: { show: false }, spanGaps: true }
      series[curve.range.min] = invisible
      series[curve.range.max] = invisible
      bands.push({ series: [curve.range.max, curve.range.min], fill: faint(stroke, 0.16) })
    }
    if (curve.raw !== undefined)
      series[curve.raw] = { stroke: faint(stroke, 0.28), width: 1, points: { show: false }, spanGaps: true }
    series[curve.main] = {
      stroke,
      width: panel.stacked ? 1 : 1.9,
      spanGaps: true,
      ...(curve.dashed && { dash: [6, 4] }),
      ...(panel.stacked && { fill: faint(stroke, 0.28) }),
      points: { show: curve.marked || alone, size: 7, width: 1.8, fill: surface },
    }
  }
  if (panel.stacked)
    for (const [i, { main, color: ink }] of curves.entries()) {
      const below = curves[i - 1]
      if (below !== undefined) {
        series[main]!.fill = 'transparent'
        bands.push({ series: [main, below.main], fill: faint(color(`series-${ink}`), 0.28) })
      }
    }
  const axis = { stroke: muted, font: FONT, ticks: { show: false }, border: { show: false } }
  let downAt = 0
  return {
    width: handlers.width,
    height: HEIGHT,
    padding: [10, 12, 0, 0],
    series,
    bands,
    legend: { show: false },
    scales: { x: { time: false }, y: { range: (_, low, high) => yRange(low, high) } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 70, values: (_, ticks) => ticks.map(stepLabel) },
      {
        ...axis,
        grid: { stroke: grid, width: 1 },
        size: 58,
        space: 38,
        values: (_, ticks) => ticks.map((tick) => panel.format(tick)),
      },
    ],
    cursor: {
      sync: { key: 'steps' },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, width: 2, fill: surface },
      y: false,
      bind: {
        dblclick: () => () => null,
        mousedown: (_, __, handler) => (event) => {
          downAt = event.clientX
          handler(event)
          return null
        },
        click: (plot) => (event) => {
          const { idx } = plot.cursor
          // A drag ends with a click too.
          if (Math.abs(event.clientX - downAt) < 3 && typeof idx === 'number')
            handlers.onStep(plot.data[0][idx]!)
          return null
        },
      },
    },
    hooks: {
      setCursor: [(plot) => handlers.onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < 4) return
          handlers.onSelect(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

/** From 0 where the curve comes near it, with a little air; never so narrow that rounding alone fills the chart. */
function yRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1]
  const span = Math.max(high - low, 1e-4 * Math.abs(high)) || 1
  const from = low >= 0 && low < 0.6 * high ? 0 : low - 0.08 * span
  return [low === 0 && high === 0 ? 0 : from, high + 0.08 * span]
}

/** A line needs two points; the first step of a run is a point. */
const alone = ({ data }: uPlot, series: number) =>
  Array.from(data[series]!).filter((value) => value !== null && value !== undefined).length === 1

const stepLabel = (step: number) =>
  !Number.isInteger(step) ? '' : step >= 10_000 ? `${step / 1000}k` : String(step)

function faint(rgb: string, alpha: number): string {
  const [red, green, blue] = rgb.match(/[\d.]+/g)!.map(Number)
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`
}
