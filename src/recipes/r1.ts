/**
 * DeepSeek-R1 (R1 §2.3): from a base model to R1 in four stages, with R1-Zero before them since the cold start
 * is written from its responses.
 *
 *     base ── RL ──> R1-Zero ── readable responses ──> cold start
 *     base ── fine-tuning on the cold start ──> Dev1 ── RL, language reward ──> Dev2 ── verified responses ──> data
 *     base ── fine-tuning on the data and demonstrations ──> Dev3 ── RL for all scenarios, reward models last ──> R1
 */
import { z } from 'zod'
import { rewriteReadable } from '../algorithms/cold-start.ts'
import { grpoConfig } from '../algorithms/grpo-config.ts'
import { READABILITY_FILTERS } from '../algorithms/rejection-sampling.ts'
import { rewardModelConfig } from '../algorithms/reward-model-config.ts'
import { sftConfig } from '../algorithms/sft-config.ts'
import { serviceKey } from '../engine/api-key.ts'
import { checkEndpoint } from '../evaluation/check-endpoint.ts'
import type { Responder } from '../evaluation/responder.ts'
import { checkLocalModel, checkMaxTokens } from '../loading/local-model.ts'
import { dataStage, type Sampling } from '../pipeline/data-stage.ts'
import type { PipelineStage } from '../pipeline/pipeline.ts'
import { checkReinforcement } from '../pipeline/reinforcement.ts'
import { allScenarios, openPreferenceRewards, rewardModelStage } from '../pipeline/reward-model-stages.ts'
import { stageSeconds } from '../pipeline/stage-seconds.ts'
import { inWorld, type StageSettings, stageFields } from '../pipeline/stage-settings.ts'
import type { World } from '../pipeline/world.ts'
import { fineTuneInWorld, reinforceInWorld } from '../pipeline/world-stages.ts'
import { pocketR1 } from './presets/pocket-r1.ts'

const count = z.int().min(1)
const weight = z.number().min(0)

export const r1Config = z.strictObject({
  seed: z.int().min(0).default(1).describe('Seed of all randomness: the same seed gives the same run'),
  model: z.string().default('pocket-base').describe('Base model: pocket-base, a model folder or a run'),
  zero: z.strictObject({ grpo: grpoConfig.prefault({}) }).prefault({}),
  coldStart: z
    .strictObject({
      questions: count
        .default(3000)
        .describe('Questions for R1-Zero; the paper speaks of thousands of examples (R1 §2.3.1)'),
      samples: count.default(4).describe('Responses to each question, at temperature 1'),
      keep: count
        .default(1)
        .describe('At most this many right and readable responses are kept for each question'),
      demonstrations: z.int().min(0).default(500).describe('Demonstrations of general requests'),
      endpoint: z
        .string()
        .nullable()
        .default(null)
        .describe(
          "An OpenAI-compatible server that rewrites the responses, http://…/v1; the world's rules otherwise",
        ),
      apiModel: z
        .string()
        .default('')
        .describe(
          'The model to ask there; its key is in OPENAI_API_KEY where OPENAI_BASE_URL is this server',
        ),
    })
    .prefault({}),
  dev1: sftConfig.prefault({}),
  dev2: z
    .strictObject({
      grpo: grpoConfig.prefault({}),
      languageConsistency: weight
        .default(1)
        .describe(
          "Weight of the language-consistency reward: share of the question's language in the thinking (R1 §2.3.2)",
        ),
    })
    .prefault({}),
  data: z
    .strictObject({
      questions: count.default(150_000).describe('Questions for Dev2 (R1 §2.3.3)'),
      samples: count.default(8).describe('Responses to each question; the paper does not state it'),
      keep: count
        .default(4)
        .describe('At most this many right and readable responses are kept for each question'),
      demonstrations: z.int().min(0).default(200_000).describe('Demonstrations of general requests'),
    })
    .prefault({}),
  dev3: sftConfig.prefault({}),
  rewardModels: z
    .strictObject({
      pairs: count.default(66_000).describe('Preference pairs for the helpful reward model (R1 v2 S3.1)'),
      labels: count.default(106_000).describe('Labelled responses for the safety reward model (R1 v2 S3.1)'),
      heldOut: count
        .default(1000)
        .describe('Pairs or labels held out of training for evaluating the reward models'),
      training: rewardModelConfig.prefault({}),
    })
    .prefault({}),
  r1: z
    .strictObject({
      grpo: grpoConfig.prefault({ steps: 1700, temperature: 0.7 }),
      languageConsistency: weight
        .default(1)
        .describe(
          "Weight of the language-consistency reward: share of the question's language in the thinking (R1 §2.3.2)",
        ),
      helpful: weight.default(1).describe("Weight of the helpful reward model's score"),
      safety: weight.default(1).describe("Weight of the safety reward model's score"),
      generalSteps: z
        .int()
        .min(0)
        .default(400)
        .describe(
          'The last steps that also train on general requests with preference rewards: 400 of 1,700 in the paper (R1 v2 S3.2)',
        ),
      generalShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe('Share of general requests among the questions of these steps'),
    })
    .prefault({}),
  ...stageFields,
})
export type R1Config = z.infer<typeof r1Config>
/** The pipeline has the seed, and what other settings name is in the parts. */
export type R1Settings = Omit<R1Config, 'seed' | 'world'>

export interface R1Parts {
  world: World
  /** Opens the model that rewrites R1-Zero's responses as a person would; the world's rules do it otherwise. */
  rewriter?: () => Promise<Responder>
}

export const r1Presets = { pocket: pocketR1, paper: {} }

/** Throws for a model or an address that is none, before a run leaves any trace. */
export async function checkR1({
  model,
  evaluation,
  zero,
  coldStart: { endpoint, apiModel },
  dev2,
  r1,
}: R1Settings): Promise<void> {
  const names = { url: 'coldStart.endpoint', model: 'coldStart.apiModel' }
  if (endpoint !== null) {
    checkEndpoint({ url: endpoint, model: apiModel }, names)
    serviceKey('openai', endpoint)
  }
  const maxPositions = await checkLocalModel(model)
  for (const [name, { grpo }] of Object.entries({ zero, dev2, r1 }))
    checkReinforcement(`${name}.grpo`, { name: 'grpo', config: grpo }, maxPositions)
  checkMaxTokens('evaluation.maxTokens', evaluation.maxTokens, maxPositions)
}

export function r1Stages(config: R1Settings, { world, rewriter }: R1Parts): PipelineStage[] {
  const settings = { ...config, world }
  const { evaluation } = settings
  const seconds = stageSeconds(config)
  const base = config.model
  const { zero, coldStart, dev1, dev2, data, dev3, rewardModels, r1 } = config
  return inWorld(world, [
    {
      name: 'zero',
      title: 'R1-Zero: reinforcement on the base model, accuracy and format (R1 §2.2.4)',
      inputs: [],
      work: `${zero.grpo.steps} steps`,
      seconds: seconds.reinforcement(zero.grpo),
      recipe: 'r1-zero',
      config: { model: base, ...zero, evaluation },
      run: (context) =>
        reinforceInWorld(
          settings,
          {
            model: base,
            chatTemplate: null,
            algorithm: { name: 'grpo', config: zero.grpo },
            measureBase: true,
          },
          context,
        ),
    },
    {
      name: 'cold-start',
      title: "Cold start: R1-Zero's right, readable responses, rewritten (R1 §2.3.1)",
      inputs: ['zero'],
      work: `${coldStart.questions} questions, ${coldStart.samples} responses each`,
      seconds: seconds.sampling(coldStart),
      recipe: 'rejection-sampling',
      config: { ...coldStart, maxTokens: zero.grpo.maxTokens },
      run: (context) =>
        dataStage(
          settings,
          {
            ...coldStart,
            model: context.input('zero'),
            temperature: 1,
            maxTokens: zero.grpo.maxTokens,
            filters: READABILITY_FILTERS,
            rewrite: rewrite(world, rewriter),
          },
          context,
        ),
    },
    {
      name: 'dev1',
      title: 'Dev1: the base fine-tuned on the cold start (R1 §2.3.1)',
      inputs: ['cold-start'],
      work: `${dev1.epochs} epochs`,
      seconds: seconds.fineTuning(dev1, coldStart),
      recipe: 'sft',
      config: { model: base, sft: dev1, evaluation },
      run: (context) => fineTuneInWorld(settings, { model: base, sft: dev1, data: 'cold-start' }, context),
    },
    {
      name: 'dev2',
      title: 'Dev2: reasoning-oriented reinforcement, with language consistency (R1 §2.3.2)',
      inputs: ['dev1'],
      work: `${dev2.grpo.steps} steps`,
      seconds: seconds.reinforcement(dev2.grpo),
      recipe: 'grpo',
      config: { ...dev2, evaluation },
      run: (context) =>
        reinforceInWorld(
          settings,
          {
            model: context.input('dev1'),
            algorithm: { name: 'grpo', config: dev2.grpo },
            weights: { languageConsistency: dev2.languageConsistency },
          },
          context,
        ),
    },
    {
      name: 'data',
      title: "Rejection sampling: Dev2's right, readable responses, and demonstrations (R1 §2.3.3)",
      inputs: ['dev2'],
      work: `${data.questions} questions, ${data.samples} responses each`,
      seconds: seconds.sampling(data),
      recipe: 'rejection-sampling',
      config: { ...data, maxTokens: dev2.grpo.maxTokens },
      run: (context) =>
        dataStage(
          settings,
          {
            ...data,
            model: context.input('dev2'),
            temperature: 1,
            maxTokens: dev2.grpo.maxTokens,
            filters: READABILITY_FILTERS,
          },
          context,
        ),
    },
    {
      name: 'dev3',
      title: 'Dev3: the base fine-tuned again, on all of it (R1 §2.3.3)',
      inputs: ['data'],
      work: `${dev3.epochs} epochs`,
      seconds: seconds.fineTuning(dev3, data),
      recipe: 'sft',
      config: { model: base, sft: dev3, evaluation },
      run: (context) => fineTuneInWorld(settings, { model: base, sft: dev3, data: 'data' }, context),
    },
    ...(['helpful', 'safety'] as const).map(
      (kind): PipelineStage => ({
        name: `${kind}-rm`,
        title:
          kind === 'helpful'
            ? 'Helpful reward model: pairs, judged by their summaries (R1 §2.3.4)'
            : 'Safety reward model: labelled whole responses (R1 §2.3.4)',
        inputs: ['dev3'],
        work: kind === 'helpful' ? `${rewardModels.pairs} pairs` : `${rewardModels.labels} labels`,
        seconds: seconds.rewardModel(rewardModels, kind),
        recipe: 'reward-model',
        config: rewardModels,
        run: (context) =>
          rewardModelStage(settings, { kind, model: context.input('dev3'), ...rewardModels }, context),
      }),
    ),
    allScenariosStage(settings, {
      name: 'r1',
      title: 'R1: reinforcement for all scenarios, preference rewards in the last steps (R1 §2.3.4)',
      seconds: seconds.reinforcement(r1.grpo),
      config: r1,
    }),
  ])
}

/** R1-Zero's responses as a person would write them: by a language model, or by the world's rules. */
function rewrite(world: World, open: R1Parts['rewriter']): NonNullable<Sampling['rewrite']> {
  if (open === undefined)
    return (accepted) => Promise.all(accepted.map(({ question, text }) => world.readable(question, text)))
  let responder: Promise<Responder> | undefined
  return async (accepted, { seed, signal }) => {
    responder ??= open()
    return await rewriteReadable(accepted, {
      responder: await responder,
      sampling: { temperature: 0.6, topP: 0.95, maxTokens: 8192 },
      seed: `${seed}/cold-start`,
      signal,
    })
  }
}

/** The second reinforcement, from Dev3 on. */
export function allScenariosStage(
  settings: StageSettings,
  { config, ...stage }: Pick<PipelineStage, 'name' | 'title' | 'seconds'> & { config: R1Config['r1'] },
): PipelineStage {
  const { world, evaluation } = settings
  const { grpo, languageConsistency, generalSteps } = config
  return {
    ...stage,
    inputs: ['dev3', 'helpful-rm', 'safety-rm'],
    work: `${grpo.steps} steps, the last ${generalSteps} with general requests`,
    recipe: 'grpo',
    config: { ...config, evaluation },
    async run(context) {
      const preferences = await openPreferenceRewards(world, context, config)
      try {
        return await reinforceInWorld(
          settings,
          {
            model: context.input('dev3'),
            algorithm: { name: 'grpo', config: grpo },
            weights: { languageConsistency },
            rewards: preferences.rewards,
            question: await allScenarios(settings, context.seed, config),
          },
          context,
        )
      } finally {
        preferences.close()
      }
    },
  }
}
