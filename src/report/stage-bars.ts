/** The models of a pipeline as grouped bars, in the manner of the paper's Figure 1. */
import { join } from 'node:path'
import { meanAndSpread } from '../measures/format.ts'
import { measuresOf } from '../measures/measures.ts'
import { barChartSvg } from './bar-chart.ts'
import { readResults } from './run-summary.ts'
import type { StageColumn } from './stage-report.ts'

const MEASURES = measuresOf(['pass1', 'consK', 'readable', 'helpful', 'safe', 'good'])

/** Means over the pipelines, as SVG; the last model is highlighted. */
export function stageBars(pipelines: readonly string[], columns: readonly StageColumn[]): string {
  return barChartSvg({
    title: 'From the base to R1',
    subtitle: 'Held-out problems and requests. Hatched: the last model.',
    yLabel: 'share (%)',
    groups: MEASURES.map(({ short, label }) => short ?? label),
    series: columns.map(({ name, stage, result }, i) => {
      const results = pipelines.map((pipeline) => readResults(join(pipeline, stage))[result])
      return {
        name,
        values: MEASURES.map(({ key }) => {
          const { mean, n } = meanAndSpread(results.map((figures) => Number(figures?.[key])))
          return n === 0 ? null : 100 * mean
        }),
        highlighted: i === columns.length - 1,
      }
    }),
  })
}
