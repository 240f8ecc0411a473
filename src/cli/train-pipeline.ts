/**
 * `r1 train r1`, `r1 train distill`, `r1 train attempts`, `r1 reproduce`: stages in order, a plan before and a table of the
 * models after.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { serviceKey } from '../engine/api-key.ts'
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
import { loadWorld } from '../pipeline/world.ts'
import { attemptStages, attemptsConfig, checkAttempts } from '../recipes/attempts.ts'
import { checkDistill, distillColumns, distillConfig, distillStages } from '../recipes/distill.ts'
import { checkMiniature, miniatureConfig, miniatureStages } from '../recipes/miniature.ts'
import { type R1Parts, r1Stages } from '../recipes/r1.ts'
import { checkR1, type R1Config, r1Config } from '../recipes/r1-config.ts'
import {
  ATTEMPT_COLUMNS,
  dataTable,
  modelFigures,
  modelTable,
  modelTranscripts,
  R1_COLUMNS,
  type StageColumn,
} from '../report/stage-report.ts'
import { endpointResponder } from '../responders/endpoint-responder.ts'
import { listenForStop, stopped } from '../run/stop.ts'
import type { ConfigFlags, RunFlags } from './config-flags.ts'
import { type PageFlags, startLivePage } from './live-page.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine, printTable, printTranscript } from './output.ts'
import { startProgress } from './progress.ts'
import { resumeCommand } from './run-command.ts'
import { shownPath } from './terminal.ts'

export interface StageFlags {
  only?: string
  from?: string
}

interface Pipeline {
  /** Of valid settings; throws before a run leaves any trace. */
  open: (values: unknown) => Promise<{
    check: () => Promise<void>
    stages: PipelineStage[]
    columns: readonly StageColumn[]
  }>
}

const PIPELINES = {
  r1: {
    async open(values) {
      const config = r1Config.parse(values)
      const parts = await r1Parts(config)
      return {
        check: () => checkR1(config, parts.world),
        stages: r1Stages(config, parts),
        columns: R1_COLUMNS,
      }
    },
  },
  distill: {
    async open(values) {
      const config = distillConfig.parse(values)
      const world = await loadWorld(config.world)
      return {
        check: () => checkDistill(config),
        stages: distillStages(config, world),
        columns: distillColumns(config),
      }
    },
  },
  attempts: {
    async open(values) {
      const config = attemptsConfig.parse(values)
      const world = await loadWorld(config.world)
      return {
        check: () => checkAttempts(config, world),
        stages: attemptStages(config, world),
        columns: ATTEMPT_COLUMNS,
      }
    },
  },
  miniature: {
    async open(values) {
      const config = miniatureConfig.parse(values)
      const parts = { r1: await r1Parts(config.r1), distill: await loadWorld(config.distill.world) }
      return {
        check: () => checkMiniature(config, parts),
        stages: miniatureStages(config, parts),
        columns: R1_COLUMNS,
      }
    },
  },
} satisfies Record<string, Pipeline>

/** The world and the model that rewrites the cold start, by their names in the settings. */
async function r1Parts({ world, coldStart }: Pick<R1Config, 'world' | 'coldStart'>): Promise<R1Parts> {
  const { endpoint, apiModel } = coldStart
  const parts = { world: await loadWorld(world) }
  if (endpoint === null) return parts
  const rewriter = () =>
    endpointResponder({
      url: endpoint.replace(/\/+$/, ''),
      model: apiModel,
      apiKey: serviceKey('openai', endpoint),
      idleSeconds: 300,
      reasoningModel: false,
      concurrency: 16,
    })
  return { ...parts, rewriter }
}

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
  flags: ConfigFlags & RunFlags & StageFlags & PageFlags,
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
  printLine(`\nNot finished: ${left.join(', ')}. Next: ${again}`)
}

/** Prints nothing with `json`. `again` is the command that continues, where it is not `--resume`. */
export async function runStages(
  recipe: keyof typeof PIPELINES,
  flags: ConfigFlags & RunFlags & StageFlags & PageFlags & { again?: string },
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
    const { check, stages } = await pipeline.open(values)
    await check()
    if (!again && former === undefined) return
    // A stage that is not there, or that others would have made, is said before anything of a finished run changes.
    const { chosen, rerun } = chooseStages(stages, flags)
    const kept = rerun ? stages.filter((stage) => !chosen.includes(stage)) : stages
    if (former !== undefined) checkKept(resolve(flags.run!), kept, (await pipeline.open(former)).stages)
  })
  const goesOn = flags.again ?? resumeCommand(run)
  const page = await startLivePage(run.folder, flags)
  const stop = listenForStop('Stopping and saving. Press Ctrl-C again to exit at once.')
  try {
    const { stages, columns } = await pipeline.open(config)
    const { chosen, rerun } = chooseStages(stages, flags)
    if (rerun) await discardStages(run.folder, chosen)
    if (!flags.json) {
      printLine(shownPath(run.folder))
      if (page !== undefined) printLine(`Watch it learn at ${page.url}`)
      printPlan(run.folder, stages, chosen)
    }
    const whole = await runPipeline({
      run,
      stages: chosen,
      signal: stop.signal,
      ...narration(run.folder, columns, flags.json ?? false),
    })
    if (!whole) throw stopped(stop.signal, `Stopped; everything is saved. Next: ${goesOn}`)
    const names = stages.map(({ name }) => name)
    const left = names.filter((name) => !isFinished(run.folder, name))
    if (left.length === 0) await run.finish({ stages: names })
    return { folder: run.folder, columns, left, again: goesOn }
  } finally {
    stop.close()
    run.close()
    page?.close()
  }
}

/** The same question answered by each model, and the table of them. */
export async function printModels({ folder, columns }: Pick<RunStages, 'folder' | 'columns'>): Promise<void> {
  for (const transcript of await modelTranscripts(folder, columns)) printTranscript(transcript)
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
      const measured = existsSync(join(folder, name, 'evaluations'))
      const table = measured ? modelTable([folder], columns) : dataTable(folder, name)
      if (table !== undefined) printTable(table.columns, table.rows)
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
  printLine()
  printTable(
    [
      { name: 'stage' },
      { name: 'what' },
      { name: 'reads', drop: 1 },
      { name: 'work', drop: 2 },
      { name: 'about', align: 'right' },
    ],
    stages.map((stage) => [stage.name, stage.title, stage.inputs.join(', '), stage.work, state(stage)]),
  )
  const seconds = left.reduce((sum, stage) => sum + stage.seconds, 0)
  printLine(`\nAbout ${formatDuration(seconds)} on two cores. Ctrl-C saves; --resume continues.`)
}
