/** What a run's folder says about itself: its settings, its curve a step, its evaluations. Reads files only. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import {
  METRICS,
  type RunInfo,
  type RunStatus,
  readFinished,
  readObject,
  readRunInfo,
  runStatus,
  TIMING,
} from '../run/folder.ts'
import { numbersOf, readMetrics, type StepNumbers } from '../run/metrics.ts'

export interface RunSummary {
  folder: string
  info: RunInfo
  status: RunStatus
  /** Training steps in order. */
  steps: StepNumbers[]
  /** Periodic evaluations on held-out questions, in order of their steps. */
  evaluations: StepNumbers[]
  /** `evaluations/<name>.json`, by name. */
  results: Record<string, Record<string, unknown>>
  /** What the run said at its end; undefined before. */
  finished: Record<string, unknown> | undefined
}

/** One step a rollout: what was sampled is in the metrics of all its updates, and its seconds are in the first one's timing. */
export const firstUpdates = (steps: readonly StepNumbers[]): StepNumbers[] =>
  steps.filter(({ sampleSeconds }) => sampleSeconds !== 0)

export async function readRunSummary(folder: string): Promise<RunSummary> {
  const info = readRunInfo(folder)
  const steps: StepNumbers[] = []
  const evaluations: StepNumbers[] = []
  const timing = new Map<number, StepNumbers>()
  for await (const { step, ...rest } of readMetrics(join(folder, TIMING)))
    timing.set(step, numbersOf(step, rest))
  for await (const { step, evaluation, ...rest } of readMetrics(join(folder, METRICS))) {
    if (typeof evaluation === 'object' && evaluation !== null) evaluations.push(numbersOf(step, evaluation))
    else steps.push({ ...timing.get(step), ...numbersOf(step, rest) })
  }
  return {
    folder,
    info,
    status: runStatus(folder),
    steps,
    evaluations,
    results: readResults(folder),
    finished: readFinished(folder),
  }
}

/**
 * The folders under `root` that hold a run, by name; `root` itself where it is one. The stages of a pipeline follow it. A run
 * may be a link, a stage may not: what a run's folder leads out to is not of the run.
 */
export function findRuns(root: string): string[] {
  if (!existsSync(root)) return []
  const runs = isRun(root) ? [root] : runsIn(root, true)
  return runs.flatMap((run) => [run, ...stagesIn(run)])
}

/** A run whose folder cannot be listed is shown all the same. */
function stagesIn(run: string): string[] {
  try {
    return runsIn(run, false)
  } catch {
    return []
  }
}

const isRun = (folder: string) => existsSync(join(folder, 'config.json'))

const runsIn = (folder: string, links: boolean) =>
  readdirSync(folder, { withFileTypes: true })
    // A finished run's model has a config.json, too, of another kind.
    .filter((entry) => entry.isDirectory() || (links && entry.isSymbolicLink()))
    .filter(({ name }) => name !== 'model' && isRun(join(folder, name)))
    .map((entry) => join(folder, entry.name))
    .sort()

/** `r1` of `runs`, and `r1:dev2` of a stage in it. */
export const runName = (root: string, folder: string): string =>
  relative(isRun(root) ? dirname(resolve(root)) : resolve(root), resolve(folder))
    .split(sep)
    .join(':')

/** Behind a result's name in that of the file with its figures question by question. */
export const QUESTION_FIGURES = '-questions'

/** Figures by the question's id: means over its responses. */
export type QuestionFigures = Record<string, Record<string, number>>

/** What a result says of each question; undefined where the run has not said it. */
export const readQuestionFigures = (run: string, result: string): QuestionFigures | undefined => {
  const path = join(run, 'evaluations', `${result}${QUESTION_FIGURES}.json`)
  return existsSync(path) ? (readObject(path) as QuestionFigures) : undefined
}

/** `evaluations/<name>.json` of a run, by name; those that `serves` lets through. */
export function readResults(
  run: string,
  serves: (name: string) => boolean = () => true,
): RunSummary['results'] {
  const folder = join(run, 'evaluations')
  if (!existsSync(folder)) return {}
  const names = readdirSync(folder).filter(
    (name) => name.endsWith('.json') && !name.startsWith('.') && !name.endsWith(`${QUESTION_FIGURES}.json`),
  )
  return Object.fromEntries(
    names
      .filter(serves)
      .sort()
      .map((name) => [name.slice(0, -'.json'.length), readObject(join(folder, name))]),
  )
}
