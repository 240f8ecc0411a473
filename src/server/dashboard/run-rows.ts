/** The runs of a folder, each from its settings and the last lines of its metrics, however long it has run. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines } from '../../disk/growing-lines.ts'
import { UserError } from '../../errors.ts'
import { findRuns, readResults, runName } from '../../report/run-summary.ts'
import { METRICS, readFinished, readRunInfo, runStatus } from '../../run/folder.ts'
import type { RunDetails, RunRow } from './api.ts'

/** Enough for the newest evaluation of a run that evaluates every few hundred steps. */
const TAIL_BYTES = 1 << 18

/** The folder of each run by the name the page knows it by. */
export function runFolders(root: string): Map<string, string> {
  return new Map(findRuns(root).map((folder) => [runName(root, folder), folder]))
}

export function runRow(id: string, folder: string): RunRow {
  const unknown = { recipe: null, seed: null, model: null, task: null, created: null, steps: null }
  const progress = newest(join(folder, METRICS))
  try {
    const { recipe, seed, created, config } = readRunInfo(folder)
    return {
      id,
      status: runStatus(folder),
      recipe,
      seed,
      model: text(config.model),
      task: text(config.task),
      created,
      steps: plannedSteps(config),
      ...progress,
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { id, status: 'broken', ...unknown, ...progress, problem: error.message }
  }
}

export function runDetails(id: string, folder: string): RunDetails {
  const row = runRow(id, folder)
  if (row.status === 'broken')
    return {
      ...row,
      version: '',
      settings: [],
      sources: { evaluations: [], steps: [] },
      results: {},
      seconds: null,
    }
  const { version, config, sources } = readRunInfo(folder)
  const seconds = readFinished(folder)?.seconds
  return {
    ...row,
    version,
    settings: leaves(config).map(([path, value]) => ({ path, value, source: sources[path] ?? 'default' })),
    sources: responseSources(folder),
    results: readResults(folder),
    seconds: typeof seconds === 'number' ? seconds : null,
  }
}

/** Files of graded responses: of evaluations, and of training steps in order. */
export function responseSources(folder: string): RunDetails['sources'] {
  const names = (inner: string) => (existsSync(join(folder, inner)) ? readdirSync(join(folder, inner)) : [])
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

function newest(path: string): Pick<RunRow, 'step' | 'accuracy' | 'pass1' | 'meanTokens'> {
  const found: Pick<RunRow, 'step' | 'accuracy' | 'pass1' | 'meanTokens'> = {
    step: null,
    accuracy: null,
    pass1: null,
    meanTokens: null,
  }
  for (const line of lastLines(path, TAIL_BYTES).reverse()) {
    const { step, evaluation, accuracy, meanTokens } = parse(line)
    if (evaluation !== undefined) found.pass1 ??= number((evaluation as Record<string, unknown>).pass1)
    else if (found.step === null) {
      found.step = number(step)
      found.accuracy = number(accuracy)
      found.meanTokens = number(meanTokens)
    }
    if (found.step !== null && found.pass1 !== null) break
  }
  return found
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** The recipes keep the number of updates with their stage's settings. */
export function plannedSteps(config: Record<string, unknown>): number | null {
  for (const group of [config, ...Object.values(config)])
    if (typeof group === 'object' && group !== null && 'steps' in group && typeof group.steps === 'number')
      return group.steps
  return null
}

const number = (value: unknown) => (typeof value === 'number' ? value : null)
const text = (value: unknown) => (typeof value === 'string' ? value : null)

function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
}
