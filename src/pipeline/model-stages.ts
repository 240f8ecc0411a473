/** Stages that make a model: reinforcement and fine-tuning, each measured at its end. */

import { join } from 'node:path'
import type { CriticConfig } from '../algorithms/critic-config.ts'
import type { GrpoConfig } from '../algorithms/grpo-config.ts'
import type { SftConfig } from '../algorithms/sft-config.ts'
import type { JsonObject } from '../disk/jsonl.ts'
import { openLocalModel } from '../loading/local-model.ts'
import { openScalarModel } from '../loading/local-scalar-model.ts'
import { accuracyReward } from '../rewards/accuracy.ts'
import { languageConsistencyReward } from '../rewards/language-consistency.ts'
import type { Reward } from '../rewards/reward.ts'
import { startClock } from '../run/clock.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { DATA, TEMPLATE } from './data-stage.ts'
import type { StageContext } from './pipeline.ts'
import { formRewardOf, reinforce } from './reinforcement.ts'
import { sftRecipeConfig, supervisedFineTuning } from './sft.ts'
import { measure, type StageSettings } from './stage-settings.ts'

export interface Reinforcement {
  model: string
  /** Null: R1-Zero's prompt, whatever the model's own template is. */
  chatTemplate?: null
  grpo: GrpoConfig
  /** Weight of the question's language in the thinking; 0 is off. */
  languageConsistency: number
  /** Rewards besides accuracy, format and language. */
  rewards?: readonly Reward[]
  /** Of the verifier's reward; with 0 it is measured and teaches nothing. */
  accuracyWeight?: number
  /** Training question `index`; the world's verified ones otherwise. */
  question?: (index: number) => AskedQuestion
  /** PPO with a critic in GRPO's place. */
  critic?: CriticConfig
  /** Also measure the model that it starts from, as `base`. */
  measureBase?: boolean
}

export async function reinforcementStage(
  settings: StageSettings,
  { model: path, grpo, languageConsistency, rewards = [], accuracyWeight = 1, ...options }: Reinforcement,
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { chatTemplate, question, critic, measureBase } = options
  const { run, resume, seed, signal, progress } = context
  const { world, evaluation, checkpointEvery, microBatchTokens } = settings
  const seconds = startClock(resume)
  const training = { microBatchTokens, minRowLength: 256 }
  const model = await openLocalModel(path, { ...training, chatTemplate })
  const values = critic && (await openScalarModel(path, { ...training, seed })).model
  try {
    if (measureBase && resume === undefined) {
      const figures = await measure('base', model, settings, context)
      if (figures === undefined) return undefined
      run.log({ step: 0, evaluation: figures })
    }
    await reinforce({
      model,
      run,
      config: { seed, grpo, checkpointEvery, keepCheckpoints: 1 },
      question: question ?? (await world.reasoning(seed, evaluation.questions)).question,
      rewards: [
        accuracyReward({ weight: accuracyWeight }),
        formRewardOf(model),
        ...(languageConsistency > 0 ? [languageConsistencyReward({ weight: languageConsistency })] : []),
        ...rewards,
      ],
      critic: critic && values && { model: values, config: critic },
      resume,
      signal,
      seconds,
      onStep: ({ step, metrics: { accuracy, meanTokens, reward } }) =>
        progress(
          step,
          grpo.steps,
          `reward ${reward?.toFixed(2)}  accuracy ${accuracy?.toFixed(2)}  tokens ${meanTokens?.toFixed(0)}`,
        ),
    })
    if (signal?.aborted) return undefined
    await model.engine.save(join(run.folder, 'model'))
    const figures = await measure('trained', model, settings, context)
    if (figures === undefined) return undefined
    await run.logClosing(grpo.steps, figures)
    return { figures, seconds: seconds(), steps: grpo.steps }
  } finally {
    model.engine.close()
    values?.close()
  }
}

/** Fine-tunes `model` on the data of the stages `from`, with the world's chat template. */
export async function fineTuningStage(
  settings: StageSettings,
  { model, sft, data }: { model: string; sft: SftConfig; data: string },
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, resume, seed, signal, progress } = context
  const result = await supervisedFineTuning({
    config: sftRecipeConfig.parse({
      seed,
      model,
      data: join(context.input(data), DATA),
      chatTemplate: join(context.input(data), TEMPLATE),
      sft,
      checkpointEvery: 50,
      keepCheckpoints: 1,
      microBatchTokens: settings.microBatchTokens,
    }),
    run,
    resume,
    signal,
    onStep: ({ step, loss }, steps) => progress(step, steps, `loss ${loss.toFixed(3)}`),
  })
  if (result === undefined) return undefined
  const tuned = await openLocalModel(join(run.folder, 'model'))
  try {
    const figures = await measure('trained', tuned, settings, context)
    return figures && { ...result, figures }
  } finally {
    tuned.engine.close()
  }
}
