/** What a run's evaluations say, base beside trained, as grouped bars in the manner of the paper's Figure 1. */
import { measuresOf } from '../measures/measures.ts'
import { barChartSvg } from './bar-chart.ts'
import type { RunSummary } from './run-summary.ts'

/** As SVG; null where nothing was evaluated. Names with a dash are of single steps or of other decodings. */
export function stageFigure(results: RunSummary['results']): string | null {
  const stages = Object.entries(results).filter(([name]) => !name.includes('-'))
  const k = stages.find(([, { samples }]) => typeof samples === 'number')?.[1].samples
  const measures = measuresOf(['pass1', 'passK', 'consK', 'formatShare'], Number(k))
  const shown = measures.filter(({ key }) => stages.some(([, result]) => typeof result[key] === 'number'))
  if (shown.length === 0) return null
  const last = stages.at(-1)?.[0]
  return barChartSvg({
    title: 'Held-out problems, before and after',
    subtitle: 'Hatched: the newest stage.',
    yLabel: 'share (%)',
    groups: shown.map(({ label }) => label),
    series: stages.map(([name, result]) => ({
      name,
      values: shown.map(({ key }) => (typeof result[key] === 'number' ? 100 * result[key] : null)),
      color: '#9ca3af',
      highlighted: name === last,
    })),
  })
}
