/** The runs of a folder, each from its settings and the last lines of its metrics, however long it has run. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileWithin } from '../../disk/file-within.ts'
import { lastLines } from '../../disk/growing-lines.ts'
import { CheckpointError } from '../../errors.ts'
import { STEP_SECONDS } from '../../measures/measures.ts'
import { findRuns, readResults, runName } from '../../report/run-summary.ts'
import {
  CONFIG,
  FINISHED,
  METRICS,
  type RunInfo,
  readFinished,
  readObject,
  readRunInfo,
  runStatus,
  TIMING,
} from '../../run/folder.ts'
import type { RunDetails, RunFigures, RunRow } from './api.ts'
import { readNotes } from './run-notes.ts'

/** Enough for the newest evaluation of a run that evaluates every few hundred steps. */
const TAIL_BYTES = 1 << 18

/** The folder of each run by the name the page knows it by. */
export function runFolders(root: string): Map<string, string> {
  return new Map(findRuns(root).map((folder) => [runName(root, folder), folder]))
}

/** The path of a run's file for those who read files that may be missing: links that lead out of the run are not followed. */
export const runFile = (folder: string, ...parts: readonly string[]): string =>
  fileWithin(folder, ...parts) ?? ''

/** Never throws: one run that is damaged hides no other. */
export function runRow(id: string, folder: string): RunRow {
  try {
    const { recipe, seed, created, config } = readOwnInfo(folder)
    return {
      id,
      status: runStatus(folder),
      recipe,
      seed,
      model: text(config.model),
      task: text(config.task),
      created,
      steps: plannedSteps(config),
      notes: readNotes(folder),
      ...progress(folder, plannedSteps(config)),
    }
  } catch (error) {
    return broken(id, error)
  }
}

/** As `runRow`. */
export function runDetails(
  id: string,
  folder: string,
  { root, resumeCommand }: { root: string; resumeCommand?: ((folder: string) => string) | undefined },
): RunDetails {
  const row = runRow(id, folder)
  const empty = {
    fork: null,
    version: '',
    settings: [],
    sources: { evaluations: [], steps: [] },
    results: {},
    seconds: null,
    resume: null,
  }
  if (row.status === 'broken') return { ...row, ...empty }
  try {
    const { version, config, sources, fork } = readOwnInfo(folder)
    const seconds = fileWithin(folder, FINISHED) === undefined ? undefined : readFinished(folder)?.seconds
    return {
      ...row,
      fork: fork === undefined ? null : forkOn(root, fork),
      version,
      settings: leaves(config).map(([path, value]) => ({ path, value, source: sources[path] ?? 'default' })),
      sources: responseSources(folder),
      results: runResults(folder),
      seconds: typeof seconds === 'number' ? seconds : null,
      resume: row.status === 'stopped' ? (resumeCommand?.(folder) ?? null) : null,
    }
  } catch (error) {
    return { ...broken(id, error), ...empty }
  }
}

function forkOn(root: string, { run, step }: NonNullable<RunInfo['fork']>): RunDetails['fork'] {
  const origin = [...runFolders(root)].find(([, folder]) => resolve(folder) === run)
  return origin === undefined ? null : { run: origin[0], step }
}

export const runResults = (folder: string): Record<string, Record<string, unknown>> =>
  readResults(folder, (name) => fileWithin(folder, 'evaluations', name) !== undefined)

function readOwnInfo(folder: string): RunInfo {
  if (fileWithin(folder, CONFIG) === undefined)
    throw new CheckpointError('its settings are not in its folder.', { field: folder })
  return readRunInfo(folder)
}

function broken(id: string, error: unknown): RunRow {
  return {
    ...{ id, status: 'broken', recipe: null, seed: null, model: null, task: null, created: null },
    ...{ step: null, steps: null, latest: {}, heldOut: {}, base: {}, updated: null, secondsLeft: null },
    notes: { text: '', tags: [] },
    problem: (error as Error).message,
  }
}

/** Files of graded responses: of evaluations, and of training steps in order. */
export function responseSources(folder: string): RunDetails['sources'] {
  const names = (inner: string) =>
    existsSync(join(folder, inner))
      ? readdirSync(join(folder, inner)).filter((name) => fileWithin(folder, inner, name) !== undefined)
      : []
  const evaluations = names('evaluations').flatMap((name) => /^(\w[\w-]*)\.jsonl$/.exec(name)?.[1] ?? [])
  const steps = names('rollouts').flatMap((name) => {
    const match = /^(\d+)\.jsonl$/.exec(name)
    return match === null ? [] : [Number(match[1])]
  })
  return { evaluations: evaluations.sort(byStage), steps: steps.sort((a, b) => a - b) }
}

/** The base first, then steps, the trained model last. */
function byStage(a: string, b: string): number {
  const place = (name: string) => (name.startsWith('base') ? 0 : name.startsWith('step-') ? 1 : 2)
  return place(a) - place(b) || a.localeCompare(b)
}

/** How far a run is and how well it does, from the ends of its files. */
function progress(
  folder: string,
  steps: number | null,
): Pick<RunRow, 'step' | 'latest' | 'heldOut' | 'base' | 'updated' | 'secondsLeft'> {
  const path = runFile(folder, METRICS)
  let latest: RunFigures | undefined
  let heldOut: RunFigures | undefined
  for (const line of lastLines(path, TAIL_BYTES).reverse()) {
    const { evaluation, ...own } = parse(line)
    if (evaluation !== undefined) heldOut ??= numbers(record(evaluation))
    else if (typeof own.step === 'number') latest ??= numbers(own)
    if (latest !== undefined && heldOut !== undefined) break
  }
  const step = latest?.step ?? null
  const running = runStatus(folder) === 'running'
  return {
    step,
    latest: latest ?? {},
    heldOut: heldOut ?? {},
    base: numbers(baseResult(folder)),
    updated: statSync(path, { throwIfNoEntry: false })?.mtime.toISOString() ?? null,
    secondsLeft: running && step !== null && steps !== null ? timeLeft(folder, steps - step) : null,
  }
}

/** Steps whose mean time foretells that of the next ones. */
const PACE_STEPS = 20

function timeLeft(folder: string, stepsLeft: number): number | null {
  const seconds = lastLines(runFile(folder, TIMING), TAIL_BYTES)
    .slice(-PACE_STEPS)
    .map((line) => {
      const timing = numbers(parse(line))
      return STEP_SECONDS.reduce((sum, key) => sum + (timing[key] ?? 0), 0)
    })
  if (seconds.length === 0) return null
  return (stepsLeft * seconds.reduce((sum, value) => sum + value, 0)) / seconds.length
}

function baseResult(folder: string): Record<string, unknown> {
  const path = runFile(folder, 'evaluations', 'base.json')
  try {
    return path === '' ? {} : readObject(path)
  } catch {
    return {}
  }
}

const numbers = (fields: Record<string, unknown>): RunFigures =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )

function parse(line: string): Record<string, unknown> {
  try {
    return record(JSON.parse(line))
  } catch {
    return {}
  }
}

const record = (value: unknown) =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** The recipes keep the number of updates with their stage's settings. */
export function plannedSteps(config: Record<string, unknown>): number | null {
  for (const group of [config, ...Object.values(config)])
    if (typeof group === 'object' && group !== null && 'steps' in group && typeof group.steps === 'number')
      return group.steps
  return null
}

const text = (value: unknown) => (typeof value === 'string' ? value : null)

function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
}
