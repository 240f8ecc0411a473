/**
 * A run's folder, the only thing a run leaves behind and all that reports read:
 *
 *     config.json       recipe, version, seed, every setting and where it came from; written first
 *     metrics.jsonl     one line a step, the same on every run of a seed
 *     timing.jsonl      one line a step, of seconds, tokens a second and memory, which are not
 *     findings.jsonl    what the doctor found, a line each with the step at which it did (src/doctor)
 *     rollouts/         000123.jsonl: every prompt, response, reward and advantage of step 123
 *     checkpoints/      step-000100/…, and `latest`, which names the newest
 *     evaluations/      base.json, trained.json, …, and base.jsonl, step-000100.jsonl, …: their responses, as in rollouts/
 *     figures/          SVG
 *     model/            what was trained, once its last step is done
 *     finished.json     the run's own closing line, once it has come to its end
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type JsonObject, writeJsonl } from '../disk/jsonl.ts'
import { replaceFile } from '../disk/replace-file.ts'
import { CheckpointError, ConfigError } from '../errors.ts'
import {
  type CheckpointToSave,
  mendCheckpoints,
  type NewestCheckpoint,
  newestCheckpoint,
  rewindCheckpoints,
  saveCheckpoint,
} from './checkpoint.ts'
import { acquireLock, isLockFile, lockHolder } from './lock.ts'
import { type MetricsLine, type MetricsLog, openMetrics, readMetrics, rewindMetrics } from './metrics.ts'
import { type Provenance, provenance } from './provenance.ts'

export interface RunInfo {
  recipe: string
  /** Of this package. */
  version: string
  seed: number
  /** ISO 8601. */
  created: string
  /** The resolved settings. */
  config: JsonObject
  /** Dotted path -> where the setting came from. */
  sources: Record<string, string>
  /** The checkpoint that it began with, where it is a fork. */
  fork?: { run: string; step: number }
  /** What made it; unknown of runs of former versions. */
  made?: Provenance | undefined
}

export type RunStatus = 'running' | 'finished' | 'stopped' | 'broken'

/** A run open for writing; it holds the folder's lock until `close`. */
export interface Run {
  folder: string
  info: RunInfo
  /** Appends to `metrics.jsonl`. */
  log(line: MetricsLine): void
  /** Logs the evaluation after the last step, unless that is done: a run may be killed behind this line, too. */
  logClosing(step: number, evaluation: JsonObject): Promise<void>
  /** Appends to `timing.jsonl`, with the memory that the process takes. */
  logTiming(line: MetricsLine): void
  /** Appends to `findings.jsonl`. */
  logFinding(line: MetricsLine): void
  /** Replaces `rollouts/<step>.jsonl`. */
  writeRollouts(step: number, rows: Iterable<unknown>): Promise<void>
  /** Replaces `evaluations/<name>.json`; names of the form `step-000100` are cut on resume. */
  writeEvaluation(name: string, result: JsonObject): Promise<void>
  /** Replaces `evaluations/<name>.jsonl`, the responses of an evaluation; `step-000100` is cut on resume. */
  writeResponses(name: string, rows: Iterable<unknown>): Promise<void>
  /** What `writeEvaluation` wrote by this name, or undefined. */
  readEvaluation(name: string): JsonObject | undefined
  /** Removes the evaluations, and their responses, whose names begin so. */
  discardEvaluations(name: string): Promise<void>
  /** `write` fills the folder `model`. */
  saveModel(write: (folder: string) => Promise<void>): Promise<void>
  /** All lines and rollouts of `step` are to be written before. */
  saveCheckpoint(options: Omit<CheckpointToSave, 'checkpoints'>): Promise<void>
  /**
   * Goes back to the newest whole checkpoint, or to the very start where there is none, and cuts all that came later, the
   * model too.
   */
  resume(): Promise<NewestCheckpoint>
  /** Marks the run as finished. */
  finish(result: JsonObject): Promise<void>
  close(): void
}

export const METRICS = 'metrics.jsonl'
export const TIMING = 'timing.jsonl'
export const FINDINGS = 'findings.jsonl'
export const CONFIG = 'config.json'
export const FINISHED = 'finished.json'

/** Makes the folder and writes `config.json`. Refuses a folder with anything in it. */
export async function createRun(folder: string, info: RunInfo): Promise<Run> {
  if (existsSync(join(folder, CONFIG)))
    throw new ConfigError('this folder already holds a run.', {
      field: folder,
      remedy: 'Continue it with --resume, or choose another --run folder.',
    })
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new ConfigError('this is a file, not a folder.', {
      field: folder,
      remedy: 'Choose another --run folder.',
    })
  if (existsSync(folder) && readdirSync(folder).some((name) => !isLockFile(name) && !isPartial(name)))
    throw new ConfigError('this folder is not empty and holds no run.', {
      field: folder,
      remedy: 'Choose another --run folder.',
    })
  return await opened(folder, () => writeInfo(folder, { ...info, made: provenance() }))
}

/**
 * Opens an existing run for writing and puts right what a killed process left behind; `settings` take the place of its own
 * from now on. Call `resume` to continue.
 */
export async function openRun(folder: string, settings?: Pick<RunInfo, 'config' | 'sources'>): Promise<Run> {
  const info = readRunInfo(folder)
  return await opened(folder, async () => {
    for (const inner of ['', 'rollouts', 'evaluations', 'figures']) await sweep(join(folder, inner))
    await mendCheckpoints(checkpointsOf(folder))
    return settings === undefined ? info : await writeInfo(folder, { ...info, ...settings })
  })
}

async function writeInfo(folder: string, info: RunInfo): Promise<RunInfo> {
  await replaceFile(join(folder, CONFIG), `${JSON.stringify(info, null, 2)}\n`)
  return info
}

/** Reads `config.json`; throws a ConfigError where there is none and a CheckpointError where it is broken. */
export function readRunInfo(folder: string): RunInfo {
  const path = join(folder, CONFIG)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError('there is no run in this folder.', {
      field: folder,
      expected: `a file ${CONFIG} in it`,
      remedy: 'List the runs with: r1 runs',
      cause,
    })
  }
  try {
    const { fork, ...info } = runInfo.parse(JSON.parse(text))
    return { ...info, ...(fork && { fork }) }
  } catch (cause) {
    throw new CheckpointError('this file does not describe a run.', {
      field: path,
      remedy: 'Start a new run in another folder.',
      cause,
    })
  }
}

const runInfo = z.object({
  recipe: z.string(),
  version: z.string(),
  seed: z.number(),
  created: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'expected a date'),
  config: z.record(z.string(), z.unknown()).transform((config) => config as JsonObject),
  sources: z.record(z.string(), z.string()),
  fork: z.object({ run: z.string(), step: z.number() }).optional(),
  made: z.object({ commit: z.string().optional(), machine: z.string() }).optional(),
})

/**
 * Looks at files and lock alone; `broken` means that `config.json` cannot be read. A run that has closed is finished, also while
 * its process writes the report.
 */
export function runStatus(folder: string): RunStatus {
  try {
    readRunInfo(folder)
  } catch {
    return 'broken'
  }
  if (existsSync(join(folder, FINISHED))) return 'finished'
  return lockHolder(folder) === undefined ? 'stopped' : 'running'
}

/** The result that `finish` was given, or undefined. */
export const readFinished = (folder: string): JsonObject | undefined => readIfThere(join(folder, FINISHED))

const readIfThere = (path: string) => (existsSync(path) ? readObject(path) : undefined)

/** A JSON object in a file of a run; throws a CheckpointError where it is none. */
export function readObject(path: string): JsonObject {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  } catch (cause) {
    throw new CheckpointError('this file cannot be read.', { field: path, cause })
  }
  throw new CheckpointError('this file does not hold a JSON object.', { field: path })
}

export function checkpointsOf(folder: string): string {
  return join(folder, 'checkpoints')
}

export function rolloutsPath(folder: string, step: number): string {
  return join(folder, 'rollouts', `${String(step).padStart(6, '0')}.jsonl`)
}

/** `runs/2026-11-23-r1-zero-seed1`, with a number behind it where that is taken. */
export function newRunFolder(root: string, recipe: string, seed: number, date: Date): string {
  const base = join(root, `${date.toISOString().slice(0, 10)}-${recipe}-seed${seed}`)
  for (let i = 1; ; i++) {
    const folder = i === 1 ? base : `${base}-${i}`
    if (!existsSync(folder)) return folder
  }
}

async function opened(folder: string, prepare: () => Promise<RunInfo>): Promise<Run> {
  const lock = acquireLock(folder)
  try {
    return run(folder, await prepare(), lock.release)
  } catch (error) {
    lock.release()
    throw error
  }
}

function run(folder: string, info: RunInfo, release: () => void): Run {
  const checkpoints = checkpointsOf(folder)
  let metrics: MetricsLog = openMetrics(join(folder, METRICS))
  let timing: MetricsLog = openMetrics(join(folder, TIMING))
  return {
    folder,
    info,
    log: (line) => metrics.append(line),
    async logClosing(step, evaluation) {
      for await (const line of readMetrics(join(folder, METRICS), { from: step, to: step }))
        if (line.evaluation !== undefined) return
      metrics.append({ step, evaluation })
    },
    logTiming: (line) => timing.append({ ...line, residentBytes: process.memoryUsage.rss() }),
    // Rare, so no file is kept open; a healthy run has none.
    logFinding(line) {
      const findings = openMetrics(join(folder, FINDINGS))
      findings.append(line)
      findings.close()
    },
    writeRollouts: (step, rows) => writeJsonl(rolloutsPath(folder, step), rows),
    writeEvaluation: (name, result) =>
      replaceFile(join(folder, 'evaluations', `${name}.json`), `${JSON.stringify(result, null, 2)}\n`),
    writeResponses: (name, rows) => writeJsonl(join(folder, 'evaluations', `${name}.jsonl`), rows),
    readEvaluation: (name) => readIfThere(join(folder, 'evaluations', `${name}.json`)),
    discardEvaluations: (name) => removeWhere(join(folder, 'evaluations'), (file) => file.startsWith(name)),
    saveModel: (write) => write(join(folder, 'model')),
    async saveCheckpoint(options) {
      metrics.sync()
      await saveCheckpoint({ ...options, checkpoints })
    },
    async resume() {
      const newest = await newestCheckpoint(checkpoints)
      const step = newest.checkpoint?.step ?? -1
      await rm(join(folder, FINISHED), { force: true })
      await rm(join(folder, 'model'), { recursive: true, force: true })
      await rewindCheckpoints(checkpoints, step)
      await cutAfter(join(folder, 'rollouts'), /^(\d+)\.jsonl$/, step)
      await cutAfter(join(folder, 'evaluations'), /^step-(\d+)\b.*\.jsonl?$/, step)
      metrics.close()
      timing.close()
      for (const name of [METRICS, TIMING, FINDINGS]) await rewindMetrics(join(folder, name), step)
      metrics = openMetrics(join(folder, METRICS))
      timing = openMetrics(join(folder, TIMING))
      return newest
    },
    async finish(result) {
      metrics.sync()
      await replaceFile(join(folder, FINISHED), `${JSON.stringify(result, null, 2)}\n`)
    },
    close() {
      metrics.close()
      timing.close()
      release()
    },
  }
}

/** Files half written by a replaced file's writer that was killed. */
const sweep = (folder: string): Promise<void> => removeWhere(folder, isPartial)

function isPartial(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.partial')
}

const cutAfter = (folder: string, pattern: RegExp, step: number): Promise<void> =>
  removeWhere(folder, (name) => Number(pattern.exec(name)?.[1] ?? -1) > step)

async function removeWhere(folder: string, condition: (name: string) => boolean): Promise<void> {
  if (!existsSync(folder)) return
  for (const name of (await readdir(folder)).filter(condition)) await rm(join(folder, name), { force: true })
}
