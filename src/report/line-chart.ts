/** Line charts as SVG text: several series with markers, smoothing and spread bands. Pure and deterministic. */
import { card, INK, n, svgDocument, text } from './svg.ts'
import { type Axis, niceAxis, ticksWithin } from './ticks.ts'

export type Point = readonly [x: number, y: number]

export interface Series {
  name: string
  points: readonly Point[]
  color: string
  /** Low and high at each x, drawn as a band behind the line. */
  band?: readonly (readonly [x: number, low: number, high: number])[]
  markers?: 'circle' | 'square'
  dashed?: boolean
  /** Centred moving average over this many points; the raw line stays visible behind it. */
  smooth?: number
}

export interface Chart {
  title: string
  subtitle?: string
  xLabel: string
  yLabel: string
  yFormat: (value: number) => string
  /** The y axis starts at 0 and reaches at least this far. */
  yMin?: number
  /** In the order of the legend; the first is drawn on top. */
  series: readonly Series[]
}

const PANEL = { width: 620, height: 420 }
const PLOT = { left: 76, top: 92, right: 562, bottom: 362 }

/** One chart, or several side by side on one card. */
export function chartsSvg(charts: readonly Chart[]): string {
  const width = PANEL.width * charts.length
  const { height } = PANEL
  const panels = charts.map(
    (chart, i) => `<g transform="translate(${i * PANEL.width} 0)">\n${panel(chart, i)}\n</g>`,
  )
  const label = charts.map(({ title }) => title).join('; ')
  return svgDocument(width, height, label, [card(width, height), ...panels])
}

/** Centred moving average; near the ends the window shrinks symmetrically. */
export function movingAverage(points: readonly Point[], window: number): Point[] {
  const half = Math.floor(window / 2)
  return points.map(([x], i) => {
    const reach = Math.min(half, i, points.length - 1 - i)
    const near = points.slice(i - reach, i + reach + 1)
    return [x, near.reduce((sum, [, y]) => sum + y, 0) / near.length]
  })
}

function panel(chart: Chart, index: number): string {
  const series = chart.series.map(finite).filter(({ points }) => points.length > 0)
  const heading = [
    text(PLOT.left, 34, chart.title, { size: 17, weight: 600, fill: INK.title }),
    chart.subtitle === undefined ? '' : text(PLOT.left, 54, chart.subtitle, { size: 12.5 }),
  ]
  if (series.length === 0)
    return [...heading, text(middle('x'), middle('y'), 'no data yet', { size: 14, anchor: 'middle' })].join(
      '\n',
    )
  const xs = series.flatMap(({ points }) => points.map(([x]) => x))
  const ys = series.flatMap(({ points, band = [] }) => [
    ...points.map(([, y]) => y),
    ...band.flatMap(([, low, high]) => [low, high]),
  ])
  const xAxis = ticksWithin(Math.min(...xs), Math.max(...xs), 6, true)
  const yAxis = niceAxis(Math.min(0, ...ys), Math.max(chart.yMin ?? 0, ...ys), 5)
  const x = scale(xAxis, PLOT.left, PLOT.right)
  const y = scale(yAxis, PLOT.bottom, PLOT.top)
  return [
    ...heading,
    ...axes(chart, xAxis, yAxis, x, y),
    ...legend(series),
    `<clipPath id="plot${index}"><rect x="${PLOT.left - 6}" y="${PLOT.top - 8}" width="${PLOT.right - PLOT.left + 12}" height="${PLOT.bottom - PLOT.top + 16}"/></clipPath>`,
    `<g clip-path="url(#plot${index})">`,
    ...series.map((one) => drawSeries(one, x, y)).reverse(),
    '</g>',
    ...endLabels(chart, series, y),
  ].join('\n')
}

function axes(chart: Chart, xAxis: Axis, yAxis: Axis, x: Scale, y: Scale): string[] {
  const { left, right, top, bottom } = PLOT
  return [
    ...yAxis.ticks.flatMap((tick) => [
      `<line x1="${left}" x2="${right}" y1="${n(y(tick))}" y2="${n(y(tick))}" stroke="${tick === yAxis.low ? INK.axis : INK.grid}"/>`,
      text(left - 9, y(tick) + 4.2, chart.yFormat(tick), { anchor: 'end' }),
    ]),
    ...xAxis.ticks.flatMap((tick) => [
      `<line x1="${n(x(tick))}" x2="${n(x(tick))}" y1="${bottom}" y2="${bottom + 5}" stroke="${INK.axis}"/>`,
      text(x(tick), bottom + 20, String(tick), { anchor: 'middle' }),
    ]),
    text((left + right) / 2, bottom + 42, chart.xLabel, { size: 13, anchor: 'middle' }),
    `<g transform="translate(26 ${(top + bottom) / 2}) rotate(-90)">${text(0, 0, chart.yLabel, { size: 13, anchor: 'middle' })}</g>`,
  ]
}

/** One row under the headings, from the left. */
function legend(series: readonly Series[]): string[] {
  const y = 73
  let x = PLOT.left
  return series.map(({ name, color, dashed, markers }) => {
    const entry = [
      `<line x1="${n(x)}" x2="${n(x + 24)}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2.5"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
      markers === undefined ? '' : marker(markers, x + 12, y, color),
      text(x + 31, y + 4.2, name, { size: 12.5, fill: INK.title }),
    ].join('')
    x += 31 + name.length * 6.7 + 22
    return entry
  })
}

/** The last value of each series at the right edge, moved apart where they would touch. */
function endLabels(chart: Chart, series: readonly Series[], y: Scale): string[] {
  let floor = Number.POSITIVE_INFINITY
  return series
    .filter(({ points }) => points.length > 1)
    .map((one) => ({ color: one.color, value: line(one).at(-1)![1] }))
    .sort((a, b) => a.value - b.value)
    .map(({ color, value }) => {
      floor = Math.min(y(value) + 4.2, floor - 14)
      return text(PLOT.right + 9, floor, chart.yFormat(value), { weight: 600, fill: color })
    })
}

/** The points of the bold line. */
function line({ points, smooth = 1 }: Series): readonly Point[] {
  return smooth > 1 ? movingAverage(points, smooth) : points
}

function drawSeries(series: Series, x: Scale, y: Scale): string {
  const { points, color, band = [], markers, dashed, smooth = 1 } = series
  const at = ([px, py]: Point) => `${n(x(px))},${n(y(py))}`
  const parts: string[] = []
  if (band.length > 1) {
    const upper = band.map(([bx, , high]) => at([bx, high]))
    const lower = band.map(([bx, low]) => at([bx, low])).reverse()
    parts.push(`<polygon points="${[...upper, ...lower].join(' ')}" fill="${color}" fill-opacity="0.14"/>`)
  }
  const stroke = `fill="none" stroke="${color}" stroke-linejoin="round" stroke-linecap="round"`
  if (smooth > 1)
    parts.push(
      `<polyline points="${points.map(at).join(' ')}" ${stroke} stroke-width="1.25" stroke-opacity="0.28"/>`,
    )
  parts.push(
    `<polyline points="${line(series).map(at).join(' ')}" ${stroke} stroke-width="2.5"${dashed ? ' stroke-dasharray="6 5"' : ''}/>`,
  )
  const marked = markers ?? (points.length === 1 ? 'circle' : undefined)
  if (marked !== undefined) parts.push(...points.map(([px, py]) => marker(marked, x(px), y(py), color)))
  return parts.join('\n')
}

function marker(shape: 'circle' | 'square', x: number, y: number, color: string): string {
  const style = `fill="${INK.card}" stroke="${color}" stroke-width="2"`
  return shape === 'circle'
    ? `<circle cx="${n(x)}" cy="${n(y)}" r="3.6" ${style}/>`
    : `<rect x="${n(x - 3.2)}" y="${n(y - 3.2)}" width="6.4" height="6.4" ${style}/>`
}

type Scale = (value: number) => number

function scale({ low, high }: Axis, from: number, to: number): Scale {
  return (value) => (high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from))
}

function finite(series: Series): Series {
  return {
    ...series,
    points: series.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
    ...(series.band && { band: series.band.filter((point) => point.every(Number.isFinite)) }),
  }
}

function middle(axis: 'x' | 'y'): number {
  return axis === 'x' ? (PLOT.left + PLOT.right) / 2 : (PLOT.top + PLOT.bottom) / 2
}
