/**
 * Models measured on a second held-out set, once and last: bases, presets and claims were chosen by looking at the first one, and
 * nobody has looked at this.
 */
import type { JsonObject } from '../disk/jsonl.ts'
import { ConfigError } from '../errors.ts'
import { openModel } from '../loading/local-model.ts'
import { startClock } from '../run/clock.ts'
import { measured } from './evaluations.ts'
import type { StageContext } from './pipeline.ts'
import { stageFigures } from './stage-figures.ts'
import type { StageSettings } from './stage-settings.ts'

export interface MeasuredAgain {
  /** Of its result. */
  name: string
  /** Folder of the model. */
  model: string
  /** Null: R1-Zero's prompt. */
  chatTemplate?: null
}

/** Leaves `evaluations/<name>.json` of each model. */
export async function secondHeldOutStage(
  { world, evaluation, ...settings }: StageSettings,
  { models, ...counts }: { models: readonly MeasuredAgain[]; questions: number; requests: number },
  context: StageContext,
): Promise<JsonObject | undefined> {
  if (world.secondHeldOut === undefined)
    throw new ConfigError('this world has no second held-out set.', {
      field: 'world',
      value: world.name,
      remedy: 'Let it have a function `secondHeldOut`.',
    })
  const sets = world.secondHeldOut(counts)
  const seconds = startClock(undefined)
  for (const [i, { name, model: folder, chatTemplate }] of models.entries()) {
    const model = await openModel(folder, { microBatchTokens: settings.microBatchTokens, chatTemplate })
    try {
      const measure = (signal: AbortSignal | undefined) =>
        stageFigures(model, world, { ...evaluation, ...counts }, signal, sets)
      if ((await measured(name, [{ suffix: '', measure }], context)) === undefined) return undefined
    } finally {
      model.engine.close()
    }
    context.progress(i + 1, models.length, name)
  }
  return { models: models.map(({ name }) => name), seconds: seconds() }
}
