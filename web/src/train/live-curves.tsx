/** The four curves of the run in this tab, drawn as those of a run's page. */
import { useMemo } from 'preact/hooks'
import { measureOf } from '../../../src/measures/measures.ts'
import type { RunSeries, SeriesWindow } from '../../../src/server/dashboard/api.ts'
import { ChartCard } from '../runs/chart-card.tsx'
import type { Panel } from '../runs/panels.ts'
import type { Measured, StepFigures } from './messages.ts'

const panel = (title: string, hint: string, key: string, heldOut?: string): Panel => ({
  title,
  hint,
  format: measureOf(key).format,
  lines: [
    { table: 'steps', key, label: 'training' },
    ...(heldOut === undefined ? [] : [{ table: 'evaluations' as const, key: heldOut, label: 'held-out' }]),
  ],
})

const PANELS: readonly Panel[] = [
  panel('Accuracy', 'Share of right responses.', 'accuracy', 'pass1'),
  panel('Response length', 'Mean tokens of a response.', 'meanTokens', 'meanTokens'),
  panel('Format', 'Share of responses with thinking and answer in their tags.', 'format', 'formatShare'),
  panel('KL to the base', 'How far the model has moved from the base, nats a token.', 'kl'),
]

export function LiveCurves({
  figures,
  measured,
}: {
  figures: readonly StepFigures[]
  measured: readonly Measured[]
}) {
  const runs = useMemo(() => [{ id: 'this tab', series: seriesOf(figures, measured) }], [figures, measured])
  return (
    <div class="charts four">
      {PANELS.map((one) => (
        <ChartCard
          key={one.title}
          panel={one}
          runs={runs}
          smoothing={0}
          window={undefined}
          onWindow={() => {}}
          onStep={() => {}}
        />
      ))}
    </div>
  )
}

function seriesOf(figures: readonly StepFigures[], measured: readonly Measured[]): RunSeries {
  const steps = table(
    figures.map(({ step, metrics }): Record<string, number> & { step: number } => ({ ...metrics, step })),
    ['accuracy', 'meanTokens', 'format', 'kl'],
  )
  const evaluations = table(measured, ['pass1', 'meanTokens', 'formatShare'])
  return {
    version: '',
    read: 1,
    status: 'running',
    firstStep: 0,
    lastStep: figures.at(-1)?.step ?? 0,
    rows: figures.length,
    keys: { steps: Object.keys(steps.series), timing: [], evaluations: Object.keys(evaluations.series) },
    steps,
    timing: { x: [], series: {} },
    evaluations,
  }
}

const table = <Row extends { step: number }>(
  rows: readonly Row[],
  keys: readonly (keyof Row & string)[],
): SeriesWindow => ({
  x: rows.map(({ step }) => step),
  series: Object.fromEntries(
    keys.map((key) => [key, { mean: rows.map((row) => (row[key] as number | undefined) ?? null) }]),
  ),
})
