/** The settings of `r1 train r1`, and what can be known of them before a run leaves any trace. */
import { z } from 'zod'
import { grpoConfig } from '../algorithms/grpo-config.ts'
import { rewardModelConfig } from '../algorithms/reward-model-config.ts'
import { sftConfig } from '../algorithms/sft-config.ts'
import { serviceKey } from '../engine/api-key.ts'
import { ConfigError } from '../errors.ts'
import { checkLocalModel, checkMaxTokens } from '../loading/local-model.ts'
import { samplingRounds } from '../pipeline/data-stage.ts'
import { checkReinforcement } from '../pipeline/reinforcement.ts'
import { stageFields } from '../pipeline/stage-settings.ts'
import type { World } from '../pipeline/world.ts'
import { checkEndpoint } from '../responders/check-endpoint.ts'
import { checkJudge, judgeConfig } from '../responders/server-judge.ts'
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
      rounds: samplingRounds,
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
  judge: judgeConfig,
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
      judged: z
        .int()
        .min(0)
        .default(0)
        .describe("Further questions of the world's that no rule can judge: the judge does (R1 §2.3.3)"),
      samples: count.default(8).describe('Responses to each question; the paper does not state it'),
      rounds: samplingRounds,
      keep: count
        .default(4)
        .describe('At most this many right and readable responses are kept for each question'),
      demonstrations: z.int().min(0).default(200_000).describe('Demonstrations of general requests'),
      temperature: z
        .number()
        .positive()
        .default(1)
        .describe("Sampling temperature of Dev2's responses; the paper does not state it"),
    })
    .prefault({}),
  dev3: sftConfig.prefault({}),
  rewardModels: z
    .strictObject({
      pairs: count.default(66_000).describe('Preference pairs for the helpful reward model (R1 v2 S3.1)'),
      labels: count.default(106_000).describe('Labelled responses for the safety reward model (R1 v2 S3.1)'),
      heldOut: count
        .default(1000)
        .describe('Pairs or labels kept out of training, to measure the reward models'),
      judged: z
        .boolean()
        .default(false)
        .describe(
          "Pairs are two responses of Dev3's to a request, which the judge compares; the world's own otherwise",
        ),
      maxTokens: count
        .default(8192)
        .describe('Longest example in tokens, prompt included; longer ones are left out (R1 v2 S3.1)'),
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

export const r1Presets = { pocket: pocketR1, paper: {} }

/** Throws for a model or an address that is none, before a run leaves any trace. */
export async function checkR1(
  { model, evaluation, zero, coldStart: { endpoint, apiModel }, dev2, r1, ...config }: R1Settings,
  world: World,
): Promise<void> {
  checkJudged(config, world)
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

function checkJudged(
  { judge, data, rewardModels }: Pick<R1Settings, 'judge' | 'data' | 'rewardModels'>,
  world: World,
): void {
  checkJudge(judge)
  const wanting = data.judged > 0 ? 'data.judged' : rewardModels.judged ? 'rewardModels.judged' : undefined
  if (wanting !== undefined && judge.endpoint === null)
    throw new ConfigError('it needs a model that judges.', {
      field: wanting,
      remedy: 'Name it: judge.endpoint and judge.apiModel.',
    })
  if (data.judged > 0 && world.judged === undefined)
    throw new ConfigError('this world has no questions that only a judge can decide.', {
      field: 'data.judged',
      value: data.judged,
      remedy: `Give the world ${world.name} a function \`judged\`, or set it to 0.`,
    })
}
