/** Reinforcement and fine-tuning in a world: folders of models and data become what the two stages take. */
import type { GrpoConfig } from '../algorithms/grpo-config.ts'
import type { PpoConfig } from '../algorithms/ppo-config.ts'
import type { SftConfig } from '../algorithms/sft-config.ts'
import type { JsonObject } from '../disk/jsonl.ts'
import { findingLine } from '../doctor/finding-text.ts'
import { openModel } from '../loading/local-model.ts'
import { openScalarModel } from '../loading/local-scalar-model.ts'
import type { AnyReward } from '../rewards/reward.ts'
import { type RuleRewardOptions, ruleRewards } from '../rewards/rule-rewards.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { fineTuningStage } from './fine-tuning.ts'
import type { StageContext } from './pipeline.ts'
import { reinforcementStage } from './reinforcement.ts'
import { readSftData } from './sft-data.ts'
import { evaluationsOf, type StageSettings } from './stage-settings.ts'

export interface WorldReinforcement {
  /** Folder of the model that it starts from. */
  model: string
  /** Null: R1-Zero's prompt, whatever the model's own template is. */
  chatTemplate?: null
  algorithm: { name: 'grpo'; config: GrpoConfig } | { name: 'ppo'; config: PpoConfig }
  /** Of the rule rewards. */
  weights?: RuleRewardOptions['weights']
  /** Rewards besides the rule rewards. */
  rewards?: readonly AnyReward[]
  /** Training question `index`; the world's verified ones otherwise. */
  question?: (index: number) => AskedQuestion
  /** Also measure the model that it starts from, as `base`. */
  measureBase?: boolean
}

/** A stage of reinforcement: the world's verified questions by default, rule rewards, and the stage table's figures. */
export async function reinforceInWorld(
  settings: StageSettings,
  { model: folder, chatTemplate, algorithm, weights = {}, rewards = [], ...options }: WorldReinforcement,
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { world, evaluation, checkpointEvery, microBatchTokens } = settings
  const { seed, progress } = context
  const { steps, maxTokens } = algorithm.config
  const training = { microBatchTokens, minRowLength: 256 }
  const model = await openModel(folder, { ...training, chatTemplate })
  const critic =
    algorithm.name === 'ppo' ? (await openScalarModel(folder, { ...training, seed })).model : undefined
  try {
    const done = await reinforcementStage(
      {
        model,
        algorithm: algorithm.name === 'ppo' ? { ...algorithm, critic: critic! } : algorithm,
        question: options.question ?? (await world.reasoning(seed, evaluation.questions)).question,
        rewards: [...ruleRewards({ answerForm: model.answerForm, maxTokens, weights }), ...rewards],
        checkpoints: { every: checkpointEvery, keep: 1 },
        evaluations: evaluationsOf(model, settings),
        measureBase: options.measureBase ?? false,
        onFinding: (finding) => progress(finding.step, steps, findingLine(finding)),
        onStep: ({ step, metrics: { accuracy, meanTokens, reward } }) =>
          progress(
            step,
            steps,
            `reward ${reward?.toFixed(2)}  accuracy ${accuracy?.toFixed(2)}  tokens ${meanTokens?.toFixed(0)}`,
          ),
      },
      context,
    )
    return done && { figures: { ...done.trained }, seconds: done.seconds, steps: done.steps }
  } finally {
    model.engine.close()
    critic?.close()
  }
}

/** A stage of fine-tuning: `model` learns the rows of the file `data`, with the world's chat template. */
export async function fineTuneInWorld(
  settings: StageSettings,
  { model: folder, sft, data }: { model: string; sft: SftConfig; data: string },
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { microBatchTokens, world } = settings
  const { chatTemplate } = world
  const model = await openModel(folder, { microBatchTokens, chatTemplate })
  try {
    const done = await fineTuningStage(
      {
        model,
        config: sft,
        data: await readSftData([data], model, Math.min(sft.maxTokens, model.maxPositions)),
        checkpoints: { every: 50, keep: 1 },
        evaluations: evaluationsOf(model, settings),
        onStep: ({ step, loss }, steps) => context.progress(step, steps, `loss ${loss.toFixed(3)}`),
      },
      context,
    )
    return done && { ...done, figures: { ...done.figures } }
  } finally {
    model.engine.close()
  }
}
