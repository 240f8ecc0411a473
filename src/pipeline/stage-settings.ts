/** What all stages of a pipeline share: their settings, the world at hand, and how a model is measured. */
import { z } from 'zod'
import type { JsonObject } from '../disk/jsonl.ts'
import type { LocalModel } from '../loading/local-model.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import type { PipelineStage, StageContext } from './pipeline.ts'
import { trainingSettings } from './reinforcement.ts'
import { type StageEvaluation, stageEvaluation, stageFigures } from './stage-figures.ts'
import { loadWorld, type World } from './world.ts'

/** The settings that all stages of a pipeline share. */
export const stageFields = {
  world: z
    .string()
    .default('pocket')
    .describe('Questions, requests and preferences: pocket, or a TypeScript file that exports `world`'),
  evaluation: stageEvaluation,
  checkpointEvery: trainingSettings.checkpointEvery,
  microBatchTokens: trainingSettings.microBatchTokens,
}

/** The same, with the world at hand. */
export interface StageSettings {
  world: World
  evaluation: StageEvaluation
  checkpointEvery: number
  microBatchTokens: number
}

export async function stageSettings({
  world,
  evaluation,
  checkpointEvery,
  microBatchTokens,
}: Omit<StageSettings, 'world'> & { world: string }): Promise<StageSettings> {
  return { world: await loadWorld(world), evaluation, checkpointEvery, microBatchTokens }
}

/** Stages that another world makes others of: none goes on with what was begun in one. */
export const inWorld = (world: string, stages: readonly PipelineStage[]): PipelineStage[] =>
  stages.map((stage) => ({ ...stage, config: { world, ...stage.config } }))

/** Figures of a model as it is now, in `evaluations/<name>.json` beside its responses; undefined where it was stopped. */
export async function measure(
  name: string,
  model: LocalModel,
  { world, evaluation }: StageSettings,
  { run, signal }: StageContext,
): Promise<JsonObject | undefined> {
  const measured = await stageFigures(model, world, evaluation, signal)
  if (measured === undefined) return undefined
  const { figures, groups } = measured
  await run.writeResponses(name, rolloutRows(groups))
  await run.writeEvaluation(name, { ...figures })
  return { ...figures }
}
