/** What two runs differ in: settings, the first step that is not the same, and the figures at the end. */
import { isDeepStrictEqual } from 'node:util'
import { EVALUATION_KEYS } from '../measures/measures.ts'
import { valueAt } from '../settings/schema.ts'
import type { RunSummary } from './run-summary.ts'

export interface RunDiff {
  settings: { path: string; values: [unknown, unknown] }[]
  /** The first step whose metrics differ, and in what; null where all common steps are the same. */
  firstDifference: { step: number; keys: string[] } | null
  /** Steps that both have. */
  commonSteps: number
  figures: { key: string; values: [Figure | null, Figure | null] }[]
}

export interface Figure {
  value: number
  /** 95 %, where the evaluation has it. */
  interval?: { low: number; high: number }
}

/** Figures are those of `evaluations/trained.json`, of the newest evaluation while a run has none. */
export function runDiff(a: RunSummary, b: RunSummary): RunDiff {
  const paths = [...new Set([a, b].flatMap(({ info }) => leaves(info.config)))].sort()
  const valuesAt = (path: string): [unknown, unknown] => [
    valueAt(a.info.config, path.split('.')),
    valueAt(b.info.config, path.split('.')),
  ]
  const others = new Map(b.steps.map((line) => [line.step, line]))
  const common = a.steps.filter(({ step }) => others.has(step))
  const different = common.find((line) => differing(line, others.get(line.step)!).length > 0)
  return {
    settings: paths
      .map((path) => ({ path, values: valuesAt(path) }))
      .filter(({ values: [x, y] }) => !isDeepStrictEqual(x, y)),
    firstDifference: different
      ? { step: different.step, keys: differing(different, others.get(different.step)!) }
      : null,
    commonSteps: common.length,
    figures: EVALUATION_KEYS.map((key) => ({
      key,
      values: [figureOf(a, key), figureOf(b, key)] as [Figure | null, Figure | null],
    })).filter(({ values: [x, y] }) => x !== null || y !== null),
  }
}

/** What a clock or the machine says differs always. */
const isOfMachine = (key: string) => /Seconds?$/.test(key) || key === 'residentBytes'

const differing = (a: Record<string, number>, b: Record<string, number>) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !isOfMachine(key) && a[key] !== b[key])

function figureOf({ results, evaluations }: RunSummary, key: string): Figure | null {
  const from = results.trained ?? evaluations.at(-1)
  const value = from?.[key]
  if (typeof value !== 'number') return null
  const interval = results.trained?.[`${key}Interval`] as Figure['interval'] | null | undefined
  return { value, ...(interval && { interval }) }
}

function leaves(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
}
