/** From windows of series to what uPlot draws: one x for all, and for each curve what stands for it. */
import uPlot from 'uplot'
import type { RunSeries } from '../../../src/server/dashboard/api.ts'
import type { Panel } from './panels.ts'
import { smoothed } from './smoothing.ts'

export interface Curve {
  label: string
  /** Of `--series-1` to `--series-8`. */
  color: number
  dashed: boolean
  /** Few points, each of its own weight. */
  marked: boolean
  /** Places in the data: the curve itself, what it smooths, and the range of the steps behind each point. */
  main: number
  raw: number | undefined
  range: { min: number; max: number } | undefined
  /** Stacked areas: the values before they were stacked. */
  own: (number | null)[] | undefined
}

export interface ChartData {
  data: uPlot.AlignedData
  curves: Curve[]
}

type Values = (number | null | undefined)[]

export function chartData(
  panel: Panel,
  runs: readonly { id: string; series: RunSeries }[],
  smoothing: number,
): ChartData {
  const tables: uPlot.AlignedData[] = []
  const curves: Curve[] = []
  let place = 1
  for (const [r, { id, series }] of runs.entries()) {
    for (const [l, { table, key, label, secondary = false }] of panel.lines.entries()) {
      // Between runs there is enough to tell apart.
      if (secondary && runs.length > 1) continue
      const { x, series: lines } = series[table]
      const found = lines[key]
      if (found === undefined || x.length === 0) continue
      const columns: Values[] = []
      const add = (values: Values) => {
        columns.push(values)
        return place++
      }
      const marked = table === 'evaluations' && !secondary
      const smooth = smoothing > 0 && table !== 'evaluations' && !panel.stacked
      const range =
        found.min && found.max && !panel.stacked ? { min: add(found.min), max: add(found.max) } : undefined
      const raw = smooth && range === undefined ? add(found.mean) : undefined
      const main = add(smooth ? smoothed(found.mean, smoothing) : found.mean)
      curves.push({
        label: runs.length === 1 ? label : panel.lines.length === 1 ? id : `${id} ${label.toLowerCase()}`,
        color: ((runs.length === 1 ? l : r) % 8) + 1,
        dashed: secondary || (runs.length > 1 && l > 0),
        marked,
        main,
        raw,
        range,
        own: undefined,
      })
      tables.push([x, ...columns] as uPlot.AlignedData)
    }
  }
  if (tables.length === 0) return { data: [[]], curves }
  const data = uPlot.join(tables) as [number[], ...Values[]]
  if (panel.stacked) stack(data, curves)
  return { data: data as uPlot.AlignedData, curves }
}

function stack(data: [number[], ...Values[]], curves: Curve[]): void {
  const sums = data[0].map(() => 0)
  for (const curve of curves) {
    const values = data[curve.main] as Values
    curve.own = values.map((value) => value ?? null)
    data[curve.main] = values.map((value, i) => (sums[i]! += value ?? 0))
  }
}
