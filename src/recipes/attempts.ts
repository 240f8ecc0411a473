/**
 * What the authors tried and dropped (R1 §4.2), as experiments on one language model: a process reward model, for
 * choosing among responses and as the reward of reinforcement, and tree search at inference with a value model.
 */
import { z } from 'zod'
import { grpoConfig } from '../algorithms/grpo-config.ts'
import { rewardModelConfig } from '../algorithms/reward-model-config.ts'
import { ConfigError } from '../errors.ts'
import { checkLocalModel, checkMaxTokens } from '../loading/local-model.ts'
import type { PipelineStage } from '../pipeline/pipeline.ts'
import { checkReinforcement } from '../pipeline/reinforcement.ts'
import { bestOfStage, treeSearchStage } from '../pipeline/selection-stages.ts'
import { stageSeconds } from '../pipeline/stage-seconds.ts'
import { inWorld, stageFields } from '../pipeline/stage-settings.ts'
import {
  openStepModel,
  type StepModelStage,
  stepDataStage,
  stepModelStage,
  stepRules,
} from '../pipeline/step-model-stages.ts'
import type { World } from '../pipeline/world.ts'
import { reinforceInWorld } from '../pipeline/world-stages.ts'
import { processReward } from '../rewards/process.ts'
import { pocketAttempts } from './presets/pocket-attempts.ts'

const count = z.int().min(1)

export const attemptsConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Seed of all randomness: the same seed gives the same run'),
  model: z
    .string()
    .default('pocket-base')
    .describe('The model whose responses are judged, searched and reinforced'),
  data: z
    .strictObject({
      questions: count
        .default(10_000)
        .describe('Questions whose responses train the process reward model and the value model'),
      samples: count.default(8).describe('Responses to each question, at temperature 1'),
      heldOut: count.default(100).describe('Number of questions held out of training for evaluation'),
    })
    .prefault({}),
  training: rewardModelConfig
    .prefault({})
    .describe('Training of the process reward model and of the value model'),
  search: z
    .strictObject({
      simulations: count.default(3).describe('Simulations before each step of the response'),
      width: count.default(4).describe('Steps drawn in each simulation'),
      exploration: z.number().min(0).default(0.5).describe('c of UCB1: higher values explore more'),
    })
    .prefault({}),
  grpo: grpoConfig.prefault({}),
  ...stageFields,
})
export type AttemptsConfig = z.infer<typeof attemptsConfig>
/** The pipeline has the seed. */
export type AttemptsStagesConfig = Omit<AttemptsConfig, 'seed' | 'world'>

export const attemptsPresets = { pocket: pocketAttempts, paper: {} }

/** Throws for a model that is not there and a world without steps, before a run leaves any trace. */
export async function checkAttempts(
  { model, data, grpo, evaluation }: AttemptsStagesConfig,
  world: World,
): Promise<void> {
  const maxPositions = await checkLocalModel(model)
  checkReinforcement('grpo', { name: 'grpo', config: grpo }, maxPositions)
  checkMaxTokens('evaluation.maxTokens', evaluation.maxTokens, maxPositions)
  if (data.heldOut >= data.questions)
    throw new ConfigError('nothing would be left to learn from.', {
      field: 'data.heldOut',
      value: data.heldOut,
      expected: `less than the ${data.questions} of data.questions`,
    })
  stepRules(world)
}

export function attemptStages(config: AttemptsStagesConfig, world: World): PipelineStage[] {
  const settings = { ...config, world }
  const { model, data, training, search, grpo, evaluation } = config
  const seconds = stageSeconds(config)
  const stepModel = (name: string, title: string, labels: StepModelStage['labels']): PipelineStage => {
    const options = { model, labels, heldOut: data.heldOut, training }
    return {
      name,
      title,
      inputs: ['step-data'],
      work: `${training.epochs} epochs`,
      seconds: seconds.rewardModel(
        { pairs: 0, labels: training.epochs * data.questions * data.samples },
        'safety',
      ),
      recipe: 'reward-model',
      config: options,
      run: (context) => stepModelStage(settings, options, context),
    }
  }
  return inWorld(world, [
    {
      name: 'step-data',
      title: "The model's responses to training questions, right and wrong (R1 §4.2)",
      inputs: [],
      work: `${data.questions} questions, ${data.samples} responses each`,
      seconds: seconds.sampling(data),
      recipe: 'step-data',
      config: { model, ...data, maxTokens: evaluation.maxTokens },
      run: (context) => stepDataStage(settings, { model, ...data }, context),
    },
    stepModel('process-rm', 'Process reward model: is each step right, by rules (R1 §4.2)', 'steps'),
    stepModel('value-model', 'Value model: after each step, will the answer be right (R1 §4.2)', 'outcome'),
    {
      name: 'best-of-n',
      title: 'The best of several responses by the process reward model, and their majority (R1 §4.2)',
      inputs: ['process-rm'],
      work: `${evaluation.questions} questions, ${evaluation.samples} responses each`,
      seconds: seconds.sampling(evaluation),
      recipe: 'selection',
      config: { model, evaluation },
      run: (context) => bestOfStage(settings, { model }, context),
    },
    {
      name: 'tree-search',
      title: 'Tree search with the value model, and the majority of as many tokens (R1 §4.2)',
      inputs: ['value-model', 'best-of-n'],
      work: `${evaluation.questions} questions, ${search.simulations} simulations a step`,
      seconds: 2 * seconds.sampling({ ...evaluation, samples: search.simulations * search.width }),
      recipe: 'tree-search',
      config: { model, search, evaluation },
      run: (context) => treeSearchStage(settings, { model, search }, context),
    },
    {
      name: 'process-reward',
      title: "Reinforcement with the process reward model in the verifier's place (R1 §4.2)",
      inputs: ['process-rm'],
      work: `${grpo.steps} steps`,
      seconds: seconds.reinforcement(grpo),
      recipe: 'r1-zero',
      config: { model, grpo, evaluation },
      async run(context) {
        const judge = await openStepModel('process-rm', settings, context)
        try {
          const rewards = [processReward({ ...judge.reader, model: judge.model })]
          const algorithm = { name: 'grpo' as const, config: grpo }
          // The verifier measures, and teaches nothing.
          const weights = { accuracy: 0 }
          return await reinforceInWorld(settings, { model, algorithm, weights, rewards }, context)
        } finally {
          judge.model.close()
        }
      },
    },
  ])
}
