/**
 * The settings of GRPO, by their place in the paper. Defaults are R1-Zero's (R1 v2 S2.1); what the paper does not
 * state has a default from common practice and says so.
 */
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { adamwFields } from './adamw-config.ts'

const share = z.number().min(0).max(1)
const positive = z.number().positive()
const count = z.int().min(1)

export const grpoConfig = z.strictObject({
  steps: count.default(10_400).describe('Policy updates'),
  groupSize: z.int().min(2).default(16).describe('G: responses to each question'),
  questionsPerStep: count.default(32).describe('Questions an update'),
  minibatches: count.default(16).describe('Updates a rollout; the last is so many less one off policy'),
  innerEpochs: count.default(1).describe('Passes over a rollout'),
  temperature: positive.default(1).describe('Of the rollouts'),
  topP: share.default(1).describe('Of the rollouts; not stated in the paper'),
  maxTokens: count.default(32_768).describe('Longest response'),

  learningRate: positive.default(3e-6).describe('Of AdamW'),
  ...adamwFields('constant'),

  klWeight: z.number().min(0).default(0.001).describe('β of the KL term in the loss'),
  klEstimator: z.enum(['k1', 'k2', 'k3', 'abs']).default('k3').describe("Schulman's estimators"),
  klUnbiased: z.boolean().default(false).describe('Importance-weighted KL (DeepSeek-V3.2)'),
  referenceRefresh: z.int().min(0).default(400).describe('π_ref ← π_θ every so many steps; 0 is never'),

  surrogate: z.enum(['clip', 'unclipped', 'cispo']).default('clip').describe('min/clip (GRPO) or CISPO'),
  ratio: z
    .enum(['token', 'sequence', 'sequenceToken'])
    .default('token')
    .describe('Level of the importance ratio; sequence is GSPO'),
  clipLow: z.number().min(0).default(10).describe('ε below 1; the paper states 10 for R1 only'),
  clipHigh: z.number().min(0).default(10).describe('ε above 1; DAPO raises it alone'),
  ratioCap: positive.nullable().default(null).describe('Two-sided clip: cap of ρ where A < 0'),
  offPolicyThreshold: positive.nullable().default(null).describe('Mask drifting sequences where A < 0'),
  entropyWeight: z.number().default(0).describe('Weight of an entropy bonus'),
  aggregation: z
    .enum(['grpo', 'dapo', 'dr_grpo'])
    .default('grpo')
    .describe('1/|o| a sequence, one mean over all tokens, or a constant'),
  advantageScale: z
    .enum(['group', 'batch', 'none'])
    .default('group')
    .describe('Which standard deviation divides the advantages; none is Dr. GRPO'),
  maskTruncated: z.boolean().default(false).describe('Leave out responses cut at maxTokens (DAPO)'),
  dynamicSampling: z
    .int()
    .min(0)
    .default(0)
    .describe('Replace groups of equal rewards, drawing at most so many more rounds (DAPO)'),
  staleness: z
    .int()
    .min(0)
    .default(0)
    .describe('Rollouts that sampling is ahead of training, at the same time; 0 takes turns'),
  deadline: positive
    .nullable()
    .default(null)
    .describe('Seconds of sampling after which a step goes on; groups that come later join the next one'),
  importanceCap: positive
    .nullable()
    .default(null)
    .describe(
      'Truncated importance sampling: score old log-probabilities anew, weigh by min(π_old/π_sampler, cap)',
    ),
})

export type GrpoConfig = z.infer<typeof grpoConfig>

/** Throws for settings that exclude each other; `group` is where they stand in the recipe's. */
export function checkGrpo(config: GrpoConfig, group = 'grpo'): void {
  checkUpdates(config, group)
  const { deadline, dynamicSampling } = config
  if (deadline !== null && dynamicSampling > 0)
    throw exclusive(`${group}.deadline`, deadline, `${group}.dynamicSampling`)
}

/** The same of the settings that GRPO and PPO share. */
export function checkUpdates(
  {
    steps,
    minibatches,
    surrogate,
    ratioCap,
  }: Pick<GrpoConfig, 'steps' | 'minibatches' | 'surrogate' | 'ratioCap'>,
  group: string,
): void {
  if (steps < minibatches)
    throw new ConfigError('the run would end before it has learned from one rollout.', {
      field: `${group}.steps`,
      value: steps,
      expected: `at least the ${minibatches} of ${group}.minibatches, the updates that share a rollout`,
      remedy: `Raise it, or set ${group}.minibatches=1.`,
    })
  if (ratioCap !== null && surrogate === 'cispo')
    throw exclusive(`${group}.ratioCap`, ratioCap, `${group}.surrogate=cispo`)
}

const exclusive = (field: string, value: unknown, other: string) =>
  new ConfigError(`cannot be combined with ${other}.`, {
    field,
    value,
    remedy: 'Set one of the two to its default.',
  })
