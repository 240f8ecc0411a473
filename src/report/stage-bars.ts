/** Models of a pipeline on the miniature's six benchmarks, in the manner of the paper's Figure 1. */
import { join } from 'node:path'
import { meanAndSpread } from '../measures/format.ts'
import { barChartSvg } from './bar-chart.ts'
import { readResults } from './run-summary.ts'
import type { StageColumn } from './stage-report.ts'

/** Right answers of three kinds; readable responses; good answers to requests, and no harm where it is asked for. */
const BENCHMARKS = [
  ['Countdown', 'pass1:pocket-countdown'],
  ['arithmetic', 'pass1:pocket-arithmetic'],
  ['equations', 'pass1:pocket-equation'],
  ['readable', 'readable'],
  ['good answers', 'good'],
  ['no harm', 'safeHarmful'],
] as const

/** Means over the pipelines, as SVG; R1 is hatched. */
export function stageBars(pipelines: readonly string[], columns: readonly StageColumn[]): string {
  return barChartSvg({
    title: 'From the base to R1',
    subtitle: 'Held-out questions and requests. Hatched: R1.',
    yLabel: 'share (%)',
    groups: BENCHMARKS.map(([name]) => name),
    series: columns.map(({ name, stage, result }) => {
      const results = pipelines.map((pipeline) => readResults(join(pipeline, stage))[result])
      return {
        name,
        values: BENCHMARKS.map(([, key]) => {
          const { mean, n } = meanAndSpread(results.map((figures) => Number(figures?.[key])))
          return n === 0 ? null : 100 * mean
        }),
        highlighted: name === 'R1',
      }
    }),
  })
}
