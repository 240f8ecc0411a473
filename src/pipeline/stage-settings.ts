/** What all stages of a pipeline share: their settings, the world at hand, and how a model is measured. */
import { z } from 'zod'
import type { LocalModel } from '../loading/local-model.ts'
import type { NamedEvaluation } from './evaluations.ts'
import type { PipelineStage } from './pipeline.ts'
import { type StageEvaluation, type StageFigures, stageEvaluation, stageFigures } from './stage-figures.ts'
import { trainingSettings } from './training-settings.ts'
import type { World } from './world.ts'

/** The settings that all stages of a pipeline share. */
export const stageFields = {
  world: z
    .string()
    .default('pocket')
    .describe(
      'Source of questions, requests and preferences: pocket, or a TypeScript file that exports `world`',
    ),
  evaluation: stageEvaluation,
  checkpointEvery: trainingSettings.checkpointEvery,
  microBatchTokens: trainingSettings.microBatchTokens,
}

/** The same, with the world itself. */
export interface StageSettings {
  world: World
  evaluation: StageEvaluation
  checkpointEvery: number
  microBatchTokens: number
}

/** Stages that another world makes others of: none continues with what was begun in one. */
export const inWorld = ({ name }: World, stages: readonly PipelineStage[]): PipelineStage[] =>
  stages.map((stage) => ({ ...stage, config: { world: name, ...stage.config } }))

/** The stage table's figures of a model as it is then. */
export const evaluationsOf = (
  model: LocalModel,
  { world, evaluation }: Pick<StageSettings, 'world' | 'evaluation'>,
): [NamedEvaluation<StageFigures>] => [
  { suffix: '', measure: (signal) => stageFigures(model, world, evaluation, signal) },
]
