/**
 * A claim of the paper's as it is judged here: a measure, a threshold, and what was measured in each seed. How a claim is put is
 * settled before the seeds are run (docs/claims.md).
 */
import { formatNumber, meanAndSpread, percent } from '../measures/format.ts'
import { STEP_SECONDS } from '../measures/measures.ts'
import type { QuestionFigures, RunSummary } from './run-summary.ts'

/** A stage with what its results say question by question, where it was kept. */
export type StageEvidence = RunSummary & { questions: Record<string, QuestionFigures> }

/** The stages of one seed's pipeline by name, those that are finished. */
export type SeedStages = Readonly<Record<string, StageEvidence>>

export interface Claim {
  claim: string
  /** What the paper measured, with its section. */
  paper: string
  /** What decides it: measure and threshold, in words. */
  rule: string
  /** How results had a part in the way it is put, where they had. */
  chosenAfter?: string
  /** What was compared in one seed; undefined where a stage or a figure is missing. */
  measured: (stages: SeedStages) => Comparison | undefined
  /** Where it is one model's lead over another: a difference that questions and seeds make uncertain. */
  lead?: Lead
}

export interface Comparison {
  values: readonly NamedValue[]
  holds: boolean
}

export interface NamedValue {
  name: string
  value: number
  format: (value: number) => string
}

/** The result `trained` of a stage where none is named. */
export interface Model {
  name: string
  stage: string
  result?: string
}

/** `more` is ahead of `less` in a figure by more than `by`. */
export interface Lead {
  key: string
  more: Model
  less: Model
  by: number
}

/** Two shares that differ by less are called the same. */
export const SAME = 0.02

/** A claim that is one model's lead over another in a share. The model of the earlier stage is named first. */
export const leadClaim = (
  told: Pick<Claim, 'claim' | 'paper' | 'rule' | 'chosenAfter'>,
  lead: Lead,
  order: 'less first' | 'more first' = 'less first',
): Claim => ({
  ...told,
  lead,
  measured: (stages) => {
    const value = ({ name, stage, result }: Model) => share(name, figure(stages, stage, lead.key, result))
    const [less, more] = [value(lead.less), value(lead.more)]
    const values = order === 'less first' ? [less, more] : [more, less]
    return compare(values, () => more.value - less.value > lead.by)
  },
})

export const share = (name: string, value: number): NamedValue => ({
  name,
  value,
  format: (x) => percent(x),
})
export const plain = (name: string, value: number): NamedValue => ({
  name,
  value,
  format: (x) => formatNumber(x),
})

/** Undefined where a value is missing. */
export function compare(
  values: readonly NamedValue[],
  holds: (...numbers: number[]) => boolean,
): Comparison | undefined {
  const numbers = values.map(({ value }) => value)
  return numbers.every(Number.isFinite) ? { values, holds: holds(...numbers) } : undefined
}

/** A figure of `evaluations/<result>.json`. */
export function figure(stages: SeedStages, stage: string, key: string, result = 'trained'): number {
  const value = stages[stage]?.results[result]?.[key]
  return typeof value === 'number' ? value : Number.NaN
}

/** The mean of a metric over the first or the last quarter of a stage's steps; not a number where a step lacks it. */
export function course(stages: SeedStages, stage: string, key: string, part: 'first' | 'last'): number {
  const values = (stages[stage]?.steps ?? []).map((step) => step[key] ?? Number.NaN)
  const quarter = Math.ceil(values.length / 4)
  return mean(part === 'first' ? values.slice(0, quarter) : values.slice(-quarter))
}

/** The mean of a metric over the last quarter of a stage's steps, and over the same steps of another stage. */
export function atSameSteps(stages: SeedStages, stage: string, other: string, key: string): [number, number] {
  const steps = (stages[stage]?.steps ?? []).map(({ step }) => step)
  const last = new Set(steps.slice(-Math.ceil(steps.length / 4)))
  const over = (name: string) => {
    const same = (stages[name]?.steps ?? []).filter(({ step }) => last.has(step))
    return mean(same.map((step) => step[key] ?? Number.NaN))
  }
  return [over(stage), over(other)]
}

export const secondsAStep = (stages: SeedStages, stage: string): number =>
  mean(
    (stages[stage]?.steps ?? []).map((step) =>
      STEP_SECONDS.reduce((sum, key) => sum + (step[key] ?? Number.NaN), 0),
    ),
  )

/** Not a number where one of them is not: fewer steps are no answer to what all of them were. */
const mean = (values: readonly number[]) =>
  values.every(Number.isFinite) ? meanAndSpread(values).mean : Number.NaN
