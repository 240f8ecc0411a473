/**
 * A pipeline is stages in order, each a run in a folder of its own inside the pipeline's: what a stage reads is in the
 * folders of its inputs, what it makes in its own. A finished stage is not run again; one that was killed continues from
 * its newest checkpoint.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../disk/jsonl.ts'
import { ConfigError } from '../errors.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { createRun, openRun, type Run, readFinished, readRunInfo } from '../run/folder.ts'
import { packageVersion } from '../run/version.ts'
import { suggestion } from '../settings/nearest.ts'

export interface PipelineStage {
  /** Of its folder. */
  name: string
  /** For people, with the section of the paper. */
  title: string
  /** Names of earlier stages whose folders it reads. */
  inputs: readonly string[]
  /** What there is to do, in words, and about how many seconds it takes on two cores. */
  work: string
  seconds: number
  /** Whose settings these are: a recipe's name. */
  recipe: string
  config: JsonObject
  /** What came of it, for `finished.json`; undefined where the signal stopped it. */
  run: (context: StageContext) => Promise<JsonObject | undefined>
}

/** What training in a run's folder needs. */
export interface RunContext {
  run: Run
  /** The checkpoint to continue from. */
  resume: Checkpoint | undefined
  seed: number
  signal: AbortSignal | undefined
}

export interface StageContext extends RunContext {
  /** The folder of an input. */
  input: (stage: string) => string
  /** How far it is, and a line worth reading. */
  progress: (done: number, total: number, line?: string) => void
}

export interface PipelineOptions {
  /** The pipeline's own run, which it leaves open. */
  run: Run
  stages: readonly PipelineStage[]
  signal?: AbortSignal | undefined
  onStage?: (stage: PipelineStage, state: 'kept' | 'begins' | 'resumes' | 'done') => void
  onProgress?: (stage: PipelineStage, done: number, total: number, line?: string) => void
}

/** True where every stage is finished; false where the signal stopped one. */
export async function runPipeline({
  run: own,
  stages,
  signal,
  ...options
}: PipelineOptions): Promise<boolean> {
  for (const stage of stages) {
    if (isFinished(own.folder, stage.name)) {
      options.onStage?.(stage, 'kept')
      continue
    }
    const missing = stage.inputs.find((name) => !isFinished(own.folder, name))
    if (missing !== undefined)
      throw new ConfigError(`${stage.name} reads what ${missing} makes, and that is not there.`, {
        field: join(own.folder, missing),
        remedy: `Run it first: --only ${missing}`,
      })
    const { run, resume } = await openStage(own, stage)
    try {
      options.onStage?.(stage, resume === undefined ? 'begins' : 'resumes')
      const result = await stage.run({
        run,
        resume,
        seed: own.info.seed,
        signal,
        input: (name) => join(own.folder, name),
        progress: (done, total, line) => options.onProgress?.(stage, done, total, line),
      })
      if (result === undefined) return false
      await run.finish(result)
    } finally {
      run.close()
    }
    options.onStage?.(stage, 'done')
  }
  return true
}

export const isFinished = (pipeline: string, stage: string): boolean =>
  readFinished(join(pipeline, stage)) !== undefined

/**
 * The stages that `--only` and `--from` leave, whose former results are to be removed first (`discardStages`); all of
 * them, and nothing to remove, without either.
 */
export function chooseStages(
  stages: readonly PipelineStage[],
  { only, from }: { only?: string | undefined; from?: string | undefined },
): { chosen: readonly PipelineStage[]; rerun: boolean } {
  if (only === undefined && from === undefined) return { chosen: stages, rerun: false }
  const asked = only ?? from!
  const at = stages.findIndex(({ name }) => name === asked)
  if (at < 0) {
    const names = stages.map(({ name }) => name)
    throw new ConfigError('there is no such stage.', {
      field: only === undefined ? '--from' : '--only',
      value: asked,
      expected: names.join(', '),
      ...suggestion(asked, names),
    })
  }
  return { chosen: only === undefined ? stages.slice(at) : [stages[at]!], rerun: true }
}

export async function discardStages(pipeline: string, stages: readonly PipelineStage[]): Promise<void> {
  for (const { name } of stages) await rm(join(pipeline, name), { recursive: true, force: true })
}

/**
 * Throws where settings have changed that a stage which is kept was begun with: it would not be what the pipeline's settings
 * say. `former` are the stages of the settings before.
 */
export function checkKept(
  pipeline: string,
  kept: readonly PipelineStage[],
  former: readonly PipelineStage[],
): void {
  for (const { name, config } of kept) {
    const before = former.find((stage) => stage.name === name)
    const folder = join(pipeline, name)
    if (existsSync(join(folder, 'config.json')) && !isDeepStrictEqual(before?.config, config))
      throw begunOtherwise(folder, name)
  }
}

const begunOtherwise = (folder: string, name: string) =>
  new ConfigError(`${name} was begun with other settings.`, {
    field: folder,
    remedy: `Run it again with: --from ${name}`,
  })

async function openStage(
  own: Run,
  { name, recipe, config }: PipelineStage,
): Promise<{ run: Run; resume: Checkpoint | undefined }> {
  const folder = join(own.folder, name)
  // As JSON has it: a setting that is undefined is not there.
  const settings = JSON.parse(JSON.stringify(config)) as JsonObject
  if (existsSync(join(folder, 'config.json'))) {
    if (!isDeepStrictEqual(readRunInfo(folder).config, settings)) throw begunOtherwise(folder, name)
    const run = await openRun(folder)
    return { run, resume: (await run.resume()).checkpoint }
  }
  const run = await createRun(folder, {
    recipe,
    version: packageVersion(),
    seed: own.info.seed,
    created: new Date().toISOString(),
    config: settings,
    sources: {},
  })
  return { run, resume: undefined }
}
