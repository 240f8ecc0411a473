/**
 * The paper's two pictures of a run: accuracy over steps (Figure 2: pass@1 and the majority vote) and response
 * length over steps (Figure 3). Several runs of one recipe are drawn as their mean with the range between them.
 */
import { formatNumber, percent } from '../measures/format.ts'
import type { StepNumbers } from '../run/metrics.ts'
import { type Chart, chartsSvg, type Point, type Series } from './line-chart.ts'
import type { RunSummary } from './run-summary.ts'

const BLUE = '#2563eb'
const ORANGE = '#ea580c'
const GREY = '#76859b'

export interface CurveOptions {
  title?: string
  /** Shown under the title, e.g. the model and the questions. */
  subtitle?: string
}

/** Held-out accuracy; that of the training responses stands behind it, alone where nothing was evaluated. */
export function accuracyChart(runs: readonly RunSummary[], options: CurveOptions = {}): Chart {
  const evaluations = runs.map((run) => run.evaluations)
  const k = evaluations.flat().find((line) => line.samples !== undefined)?.samples
  const evaluated: Series[] = [
    { name: 'pass@1', color: BLUE, markers: 'circle', ...curve(evaluations, 'pass1') },
    { name: `cons@${k ?? 'k'}`, color: ORANGE, markers: 'square', ...curve(evaluations, 'consK') },
  ]
  const training = curve(
    runs.map((run) => run.steps),
    'accuracy',
  )
  const alone = evaluated.every(({ points }) => points.length === 0)
  const rollouts: Series = alone
    ? { name: 'training responses', color: BLUE, ...training, smooth: smoothing(training.points) }
    : { name: 'training responses', color: GREY, points: training.points, smooth: smoothing(training.points) }
  return {
    title: options.title ?? 'Accuracy during training',
    ...(options.subtitle !== undefined && { subtitle: options.subtitle }),
    xLabel: 'steps',
    yLabel: 'accuracy',
    yFormat: (value) => percent(value, 0),
    yMin: 1,
    series: alone ? [rollouts] : [...evaluated, rollouts].filter(({ points }) => points.length > 0),
  }
}

/** Mean response length of the training responses. */
export function lengthChart(runs: readonly RunSummary[], options: CurveOptions = {}): Chart {
  const length = curve(
    runs.map((run) => run.steps),
    'meanTokens',
  )
  const heldOut = curve(
    runs.map((run) => run.evaluations),
    'meanTokens',
  )
  const series: Series[] = [
    { name: 'training responses', color: BLUE, ...length, smooth: smoothing(length.points) },
    { name: 'held-out questions', color: ORANGE, markers: 'square', points: heldOut.points },
  ]
  return {
    title: options.title ?? 'Response length during training',
    ...(options.subtitle !== undefined && { subtitle: options.subtitle }),
    xLabel: 'steps',
    yLabel: 'mean tokens a response',
    yFormat: (value) => formatNumber(Math.abs(value) < 10 ? value : Math.round(value), 3),
    series: series.filter(({ points }) => points.length > 0),
  }
}

/** Both pictures side by side. */
export function curvesSvg(runs: readonly RunSummary[], options: { subtitle?: string } = {}): string {
  return chartsSvg([accuracyChart(runs, options), lengthChart(runs, options)])
}

/** The mean over runs at each step that all of them have, and the range where they are several. */
function curve(lines: readonly StepNumbers[][], key: string): Pick<Series, 'points' | 'band'> {
  const byStep = new Map<number, number[]>()
  for (const run of lines)
    for (const line of run) {
      const value = line[key]
      if (value !== undefined) byStep.set(line.step, [...(byStep.get(line.step) ?? []), value])
    }
  const whole = [...byStep].filter(([, values]) => values.length === lines.length).sort(([a], [b]) => a - b)
  const points = whole.map(
    ([step, values]): Point => [step, values.reduce((a, b) => a + b, 0) / values.length],
  )
  if (lines.length < 2) return { points }
  return {
    points,
    band: whole.map(([step, values]) => [step, Math.min(...values), Math.max(...values)] as const),
  }
}

/** An odd window of about a twelfth of the curve. */
function smoothing(points: readonly Point[]): number {
  return points.length < 12 ? 1 : 2 * Math.round(points.length / 24) + 1
}
