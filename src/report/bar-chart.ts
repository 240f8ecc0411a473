/** Grouped bar charts as SVG text, in the manner of the paper's Figure 1. Pure and deterministic. */
import { card, INK, n, svgDocument, text } from './svg.ts'

export interface BarSeries {
  name: string
  /** One value a group; null leaves the bar out. */
  values: readonly (number | null)[]
  /** 95 % interval of each value, drawn as a whisker. */
  intervals?: readonly ({ low: number; high: number } | null)[]
  /** Of the bars, where they are not hatched; the next of the chart's own otherwise. */
  color?: string
  /** Hatched, to stand out: ours. */
  highlighted?: boolean
}

export interface BarChart {
  title: string
  subtitle?: string
  groups: readonly string[]
  series: readonly BarSeries[]
  yLabel?: string
  /** The top of the y axis; bars are drawn from 0. */
  yMax?: number
}

const BAR = 26
const GROUP_GAP = 34
const LEFT = 64
const TOP = 104
const PLOT_HEIGHT = 260
const COLORS = ['#4d6bfe', '#9ca3af', '#93b4fd', '#d1d5db', '#6b7280', '#bfdbfe', '#e5e7eb']
const HIGHLIGHTS = ['#1d3fd8', '#0f766e', '#b45309', '#9d174d']

export function barChartSvg(chart: BarChart): string {
  const { groups, series, yMax = 100 } = chart
  const rows = legendRows(series)
  const top = TOP + (rows.length - 1) * 20
  const bottom = top + PLOT_HEIGHT
  const groupWidth = Math.max(series.length * BAR, longest(groups) * 6.4)
  const right = LEFT + GROUP_GAP + groups.length * (groupWidth + GROUP_GAP)
  const told = LEFT + (chart.subtitle?.length ?? 0) * 6.2
  const width = Math.ceil(Math.max(right + 24, 420, told + 24, ...rows.map((row) => row.at(-1)!.end + 24)))
  const height = bottom + 56
  const y = (value: number) => bottom - (Math.min(Math.max(value, 0), yMax) / yMax) * PLOT_HEIGHT
  const gap = (width - 24 - LEFT - groups.length * groupWidth) / (groups.length + 1)
  const x = (group: number, bar: number) =>
    LEFT + gap + group * (groupWidth + gap) + (groupWidth - series.length * BAR) / 2 + bar * BAR
  const ours = series.filter(({ highlighted }) => highlighted)
  const paint = (one: BarSeries) =>
    one.highlighted
      ? `url(#hatch${ours.indexOf(one) % HIGHLIGHTS.length})`
      : (one.color ?? COLORS[series.indexOf(one) % COLORS.length]!)

  return svgDocument(width, height, chart.title, [
    '<defs>',
    ...HIGHLIGHTS.map(
      (ink, i) =>
        `<pattern id="hatch${i}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="7" fill="${ink}"/><line x1="0" y1="0" x2="0" y2="7" stroke="#ffffff" stroke-width="3" stroke-opacity="0.35"/></pattern>`,
    ),
    '</defs>',
    card(width, height),
    text(LEFT, 34, chart.title, { size: 17, weight: 600, fill: INK.title }),
    chart.subtitle === undefined ? '' : text(LEFT, 54, chart.subtitle, { size: 12.5 }),
    ...rows.flatMap((row, i) =>
      row.flatMap(({ series: one, start }) => [
        `<rect x="${n(start)}" y="${67 + i * 20}" width="13" height="13" rx="2" fill="${paint(one)}"/>`,
        text(start + 19, 78 + i * 20, one.name, { size: 12.5, fill: INK.title }),
      ]),
    ),
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
      `<line x1="${LEFT}" x2="${width - 24}" y1="${n(y(share * yMax))}" y2="${n(y(share * yMax))}" stroke="${share === 0 ? INK.axis : INK.grid}"/>`,
      text(LEFT - 9, y(share * yMax) + 4.2, String(Math.round(share * yMax)), { anchor: 'end' }),
    ]),
    chart.yLabel === undefined
      ? ''
      : `<g transform="translate(22 ${n((top + bottom) / 2)}) rotate(-90)">${text(0, 0, chart.yLabel, { size: 13, anchor: 'middle' })}</g>`,
    ...groups.flatMap((group, g) => [
      ...series.flatMap((one, s) => bar(one, g, x(g, s), y, paint(one))),
      text(x(g, 0) + (series.length * BAR) / 2, bottom + 24, group, {
        size: 13,
        weight: 600,
        fill: INK.title,
        anchor: 'middle',
      }),
    ]),
  ])
}

function bar(
  series: BarSeries,
  group: number,
  left: number,
  y: (value: number) => number,
  paint: string,
): string[] {
  const value = series.values[group] ?? null
  if (value === null || !Number.isFinite(value)) return []
  const interval = series.intervals?.[group] ?? null
  const middle = left + BAR / 2
  const top = Math.min(y(value), interval === null ? Number.POSITIVE_INFINITY : y(interval.high))
  return [
    `<rect x="${n(left + 1.5)}" y="${n(y(value))}" width="${BAR - 3}" height="${n(y(0) - y(value))}" rx="2" fill="${paint}"/>`,
    interval === null
      ? ''
      : `<line x1="${n(middle)}" x2="${n(middle)}" y1="${n(y(interval.low))}" y2="${n(y(interval.high))}" stroke="${INK.title}" stroke-width="1.4"/>`,
    text(middle, top - 5, value.toFixed(1), {
      size: 10.5,
      weight: series.highlighted ? 700 : 400,
      fill: series.highlighted ? INK.title : INK.text,
      anchor: 'middle',
    }),
  ]
}

interface LegendEntry {
  series: BarSeries
  start: number
  end: number
}

/** Entries side by side, a new row where one would leave the card. */
function legendRows(series: readonly BarSeries[]): LegendEntry[][] {
  const rows: LegendEntry[][] = [[]]
  let x = LEFT
  for (const one of series) {
    const width = 19 + one.name.length * 6.9
    if (x + width > 700 && x > LEFT) {
      rows.push([])
      x = LEFT
    }
    rows.at(-1)!.push({ series: one, start: x, end: x + width })
    x += width + 20
  }
  return rows.filter((row) => row.length > 0)
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length))
}
