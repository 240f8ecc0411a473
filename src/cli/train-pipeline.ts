/**
 * `r1 train r1`, `r1 train distill`, `r1 train attempts`, `r1 reproduce`: stages in order, a plan before and a table of the
 * models after.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { formatDuration } from '../measures/format.ts'
import {
  checkKept,
  chooseStages,
  discardStages,
  isFinished,
  type PipelineStage,
  runPipeline,
} from '../pipeline/pipeline.ts'
import { attemptStages, attemptsConfig, checkAttempts } from '../recipes/attempts.ts'
import { checkDistill, distillColumns, distillConfig, distillStages } from '../recipes/distill.ts'
import { checkMiniature, miniatureConfig, miniatureStages } from '../recipes/miniature.ts'
import { checkR1, r1Config, r1Stages } from '../recipes/r1.ts'
import {
  ATTEMPT_COLUMNS,
  modelFigures,
  modelTable,
  modelTranscripts,
  R1_COLUMNS,
  type StageColumn,
} from '../report/stage-report.ts'
import { terminalTranscript } from '../report/transcript.ts'
import { listenForStop, stopped } from '../run/stop.ts'
import type { ConfigFlags, RunFlags } from './config-flags.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine, printTable } from './output.ts'
import { startProgress } from './progress.ts'
import { resumeCommand } from './run-command.ts'

export interface StageFlags {
  only?: string
  from?: string
}

interface Pipeline {
  /** Throws before a run leaves any trace. */
  check: (values: unknown) => Promise<void>
  stages: (values: unknown) => Promise<PipelineStage[]>
  columns: (values: unknown) => readonly StageColumn[]
}

const PIPELINES = {
  r1: {
    check: (values) => checkR1(r1Config.parse(values)),
    stages: (values) => r1Stages(r1Config.parse(values)),
    columns: () => R1_COLUMNS,
  },
  distill: {
    check: (values) => checkDistill(distillConfig.parse(values)),
    stages: (values) => distillStages(distillConfig.parse(values)),
    columns: (values) => distillColumns(distillConfig.parse(values)),
  },
  attempts: {
    check: (values) => checkAttempts(attemptsConfig.parse(values)),
    stages: (values) => attemptStages(attemptsConfig.parse(values)),
    columns: () => ATTEMPT_COLUMNS,
  },
  miniature: {
    check: (values) => checkMiniature(miniatureConfig.parse(values)),
    stages: (values) => miniatureStages(miniatureConfig.parse(values)),
    columns: () => R1_COLUMNS,
  },
} satisfies Record<string, Pipeline>

interface RunStages {
  folder: string
  columns: readonly StageColumn[]
  /** Stages that are not finished: `--only` runs no other. */
  left: string[]
  /** The command that runs them. */
  again: string
}

export async function trainPipeline(
  recipe: keyof typeof PIPELINES,
  flags: ConfigFlags & RunFlags & StageFlags,
): Promise<void> {
  const done = await runStages(recipe, flags)
  const { folder, columns, left, again } = done
  if (flags.json)
    return printJson({
      run: folder,
      finished: left.length === 0,
      left,
      models: modelFigures(folder, columns),
    })
  if (left.length === 0) return await printModels(done)
  printLine(`\nNot finished: ${left.join(', ')}. Go on with: ${again}`)
}

/** Prints nothing with `json`. `again` is the command that goes on, where it is not `--resume`. */
export async function runStages(
  recipe: keyof typeof PIPELINES,
  flags: ConfigFlags & RunFlags & StageFlags & { again?: string },
): Promise<RunStages> {
  const pipeline: Pipeline = PIPELINES[recipe]
  const again = flags.only !== undefined || flags.from !== undefined
  if (again && flags.run === undefined)
    throw new ConfigError('of which run?', {
      field: flags.only === undefined ? '--from' : '--only',
      remedy: 'Name its folder with --run.',
    })
  const opening = { ...flags, resume: flags.resume ?? again, reopen: again }
  const { run, config } = await openOrCreateRun(recipe, opening, async (values, former) => {
    await pipeline.check(values)
    if (!again && former === undefined) return
    // A stage that is not there, or that others would have made, is said before anything of a finished run changes.
    const stages = await pipeline.stages(values)
    const { chosen, anew } = chooseStages(stages, flags)
    const kept = anew ? stages.filter((stage) => !chosen.includes(stage)) : stages
    if (former !== undefined) checkKept(resolve(flags.run!), kept, await pipeline.stages(former))
  })
  const goesOn = flags.again ?? resumeCommand(run)
  const stop = listenForStop('Stopping and saving. Press Ctrl-C again to exit at once.')
  try {
    const stages = await pipeline.stages(config)
    const { chosen, anew } = chooseStages(stages, flags)
    if (anew) await discardStages(run.folder, chosen)
    if (!flags.json) printPlan(run.folder, stages, chosen)
    const columns = pipeline.columns(config)
    const whole = await runPipeline({
      run,
      stages: chosen,
      signal: stop.signal,
      ...narration(run.folder, columns, flags.json ?? false),
    })
    if (!whole) throw stopped(stop.signal, `Stopped; everything is saved. Go on with: ${goesOn}`)
    const names = stages.map(({ name }) => name)
    const left = names.filter((name) => !isFinished(run.folder, name))
    if (left.length === 0) await run.finish({ stages: names })
    return { folder: run.folder, columns, left, again: goesOn }
  } finally {
    stop.close()
    run.close()
  }
}

/** The same question answered by each model, and the table of them. */
export async function printModels({ folder, columns }: Pick<RunStages, 'folder' | 'columns'>): Promise<void> {
  for (const transcript of await modelTranscripts(folder, columns))
    printLine(`\n${terminalTranscript(transcript)}`)
  const table = modelTable([folder], columns)
  printLine()
  printTable(table.columns, table.rows)
  printLine(`\nEach model is in its stage's folder, as ${join(folder, columns.at(-1)!.stage, 'model')}`)
}

/** What a person sees of the stages while they run. */
function narration(folder: string, columns: readonly StageColumn[], silent: boolean) {
  let progress: ReturnType<typeof startProgress> | undefined
  return {
    onStage({ name, title }: PipelineStage, state: 'kept' | 'begins' | 'resumes' | 'done') {
      progress?.stop()
      progress = undefined
      if (silent || state === 'kept') return
      if (state !== 'done') return printLine(`\n${title}${state === 'resumes' ? ', resumed' : ''}`)
      if (!existsSync(join(folder, name, 'evaluations'))) return
      const table = modelTable([folder], columns)
      printTable(table.columns, table.rows)
    },
    onProgress({ name }: PipelineStage, done: number, total: number, line?: string) {
      progress ??= startProgress({ label: name, total, initial: done - 1, silent })
      if (line !== undefined && done % Math.ceil(total / 8) === 0)
        progress.line(`${String(done).padStart(6)}/${total}  ${line}`)
      progress.update(done)
    },
  }
}

function printPlan(folder: string, stages: readonly PipelineStage[], chosen: readonly PipelineStage[]): void {
  const left = chosen.filter(({ name }) => !isFinished(folder, name))
  const state = (stage: PipelineStage) => {
    if (left.includes(stage)) return formatDuration(stage.seconds)
    return isFinished(folder, stage.name) ? 'done' : 'left out'
  }
  printLine(`${folder}\n`)
  printTable(
    [
      { name: 'stage' },
      { name: 'what' },
      { name: 'reads' },
      { name: 'work' },
      { name: 'about', align: 'right' },
    ],
    stages.map((stage) => [stage.name, stage.title, stage.inputs.join(', '), stage.work, state(stage)]),
  )
  const seconds = left.reduce((sum, stage) => sum + stage.seconds, 0)
  printLine(`\nAbout ${formatDuration(seconds)} on two cores. Ctrl-C saves; --resume goes on.`)
}
