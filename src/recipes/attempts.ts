/**
 * What the authors tried and dropped (paper.md §9), as experiments on one language model: a process reward model, for
 * choosing among responses and as the reward of reinforcement, and tree search at inference with a value model. Each
 * stands beside the majority of as many tokens. Steps and their labels are the pocket world's.
 */
import { z } from 'zod'
import { checkLocalModel } from '../rollout/local-model.ts'
import { grpoConfig } from '../stages/grpo-config.ts'
import { rewardModelConfig } from '../stages/reward-model-config.ts'
import { processRewardStage, selectionStage, stepDataStage, stepModelStage } from './attempt-stages.ts'
import type { PipelineStage } from './pipeline.ts'
import { pocketAttempts } from './presets/pocket-attempts.ts'
import { stageSeconds } from './stage-seconds.ts'
import { stageFields, stageSettings } from './stage-settings.ts'

const count = z.int().min(1)

export const attemptsConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Of every random stream'),
  model: z.string().default('pocket-base').describe('Whose responses are scored and searched'),
  data: z
    .strictObject({
      questions: count.default(800).describe('Whose responses the step models learn from'),
      samples: count.default(8).describe('Responses to each, at temperature 1'),
      heldOut: count.default(100).describe('Of the questions, so many are for the figures alone'),
    })
    .prefault({}),
  training: rewardModelConfig.prefault({}).describe('Of the process reward model and of the value model'),
  search: z
    .strictObject({
      width: count.default(4).describe('Steps drawn at each node'),
      exploration: z.number().min(0).default(0.5).describe('c of UCB1'),
    })
    .prefault({}),
  grpo: grpoConfig.prefault({}),
  ...stageFields,
})
export type AttemptsConfig = z.infer<typeof attemptsConfig>

export const attemptsPresets = { pocket: pocketAttempts }

export async function checkAttempts({ model }: AttemptsConfig): Promise<void> {
  await checkLocalModel(model)
}

export async function attemptStages(config: AttemptsConfig): Promise<PipelineStage[]> {
  const settings = await stageSettings(config)
  const { model, data, training, search, grpo, evaluation } = config
  const seconds = stageSeconds(config)
  const learned = { pairs: 0, labels: training.epochs * data.questions * data.samples }
  const stepModel = (name: string, title: string, labels: 'rules' | 'outcome'): PipelineStage => ({
    name,
    title,
    inputs: ['step-data'],
    work: `${training.epochs} epochs`,
    seconds: seconds.rewardModel(learned, 'safety'),
    recipe: 'reward-model',
    config: { model, labels, heldOut: data.heldOut, training },
    run: (context) => stepModelStage(settings, { model, labels, heldOut: data.heldOut, training }, context),
  })
  return [
    {
      name: 'step-data',
      title: "The model's responses to training questions, right and wrong (§9)",
      inputs: [],
      work: `${data.questions} questions, ${data.samples} responses each`,
      seconds: seconds.sampling(data),
      recipe: 'step-data',
      config: { model, ...data },
      run: (context) => stepDataStage(settings, { model, ...data }, context),
    },
    stepModel('process-rm', 'Process reward model: is each step right, by rules (§9)', 'rules'),
    stepModel('value-model', 'Value model: after each step, will the answer be right (§9)', 'outcome'),
    {
      name: 'selection',
      title: 'Majority, best of N by the process reward model, tree search (§9)',
      inputs: ['process-rm', 'value-model'],
      work: `${evaluation.questions} questions, ${evaluation.samples} responses each`,
      seconds: 3 * seconds.sampling(evaluation),
      recipe: 'selection',
      config: { model, search, evaluation },
      run: (context) => selectionStage(settings, { model, search }, context),
    },
    {
      name: 'process-reward',
      title: "Reinforcement by the process reward model in the verifier's place (§9)",
      inputs: ['process-rm'],
      work: `${grpo.steps} steps`,
      seconds: seconds.reinforcement(grpo),
      recipe: 'r1-zero',
      config: { model, grpo, evaluation },
      run: (context) => processRewardStage(settings, { model, grpo }, context),
    },
  ]
}
