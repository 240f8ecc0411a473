/**
 * The settings of GRPO, by their place in the paper. Defaults are R1-Zero's (R1 v2 S2.1); what the paper does not
 * state has a default from common practice and says so.
 */
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import type { Resolved } from '../settings/resolved.ts'
import { adamwFields } from './adamw-config.ts'
import type { GrpoSettings } from './settings.ts'

const share = z.number().min(0).max(1)
const positive = z.number().positive()
const count = z.int().min(1)

export const grpoConfig = z.strictObject({
  steps: count.default(10_400).describe('Number of policy updates'),
  groupSize: z.int().min(2).default(16).describe('G: responses to each question (R1 v2 S2.1)'),
  questionsPerStep: count.default(32).describe('Questions in each update'),
  minibatches: count
    .default(16)
    .describe('Updates per rollout; each one after the first is one update further off policy'),
  innerEpochs: count.default(1).describe('Passes over each rollout'),
  temperature: positive.default(1).describe('Sampling temperature of the rollouts'),
  topP: share.default(1).describe('Nucleus sampling of the rollouts; the paper does not state it'),
  maxTokens: count.default(32_768).describe('Length limit of a response, in tokens'),

  learningRate: positive.default(3e-6).describe('Peak learning rate of AdamW'),
  ...adamwFields('constant'),

  klWeight: z.number().min(0).default(0.001).describe('β: weight of the KL term in the loss'),
  klEstimator: z
    .enum(['k1', 'k2', 'k3', 'abs'])
    .default('k3')
    .describe("Estimator of the KL divergence, by Schulman's names; the paper uses k3"),
  klUnbiased: z
    .boolean()
    .default(false)
    .describe('Weigh the KL by the probability ratio, which makes its gradient unbiased (arXiv 2512.02556)'),
  referenceRefresh: z
    .int()
    .min(0)
    .default(400)
    .describe('Steps between updates of the reference policy, π_ref ← π_θ; 0 keeps it frozen'),

  surrogate: z
    .enum(['clip', 'unclipped', 'cispo'])
    .default('clip')
    .describe("Surrogate objective: clip (GRPO's min/clip), unclipped, or cispo (arXiv 2506.13585)"),
  ratio: z
    .enum(['token', 'sequence', 'sequenceToken'])
    .default('token')
    .describe('Level of the probability ratio: token, sequence (GSPO, arXiv 2507.18071) or sequenceToken'),
  clipLow: z
    .number()
    .min(0)
    .default(10)
    .describe('ε below 1: ratios are clipped at 1 − ε. The paper states 10 for R1 only'),
  clipHigh: z
    .number()
    .min(0)
    .default(10)
    .describe('ε above 1: ratios are clipped at 1 + ε. DAPO raises only this one'),
  ratioCap: positive
    .nullable()
    .default(null)
    .describe('Two-sided clip: cap of the ratio where the advantage is negative (arXiv 2505.07291)'),
  offPolicyThreshold: positive
    .nullable()
    .default(null)
    .describe(
      'Mask sequences with a negative advantage that drifted further than this from the old policy (arXiv 2512.02556)',
    ),
  entropyWeight: z.number().default(0).describe('Weight of an entropy bonus'),
  aggregation: z
    .enum(['grpo', 'dapo', 'dr_grpo'])
    .default('grpo')
    .describe(
      'Mean over tokens: of each sequence (grpo), of all tokens at once (dapo), or divided by a constant (dr_grpo)',
    ),
  advantageScale: z
    .enum(['group', 'batch', 'none'])
    .default('group')
    .describe(
      'Standard deviation that divides the advantages: of the group, of the batch, or none (Dr. GRPO)',
    ),
  maskTruncated: z.boolean().default(false).describe('Do not train on responses cut at maxTokens (DAPO)'),
  dynamicSampling: z
    .int()
    .min(0)
    .default(0)
    .describe('Rounds of further questions to replace groups of equal rewards (DAPO); 0 is off'),
  staleness: z
    .int()
    .min(0)
    .default(0)
    .describe('Rollouts that are sampled ahead while the engine trains; 0 takes turns'),
  deadline: positive
    .nullable()
    .default(null)
    .describe('Seconds of sampling after which a step no longer waits; later groups join the next rollout'),
  importanceCap: positive
    .nullable()
    .default(null)
    .describe(
      'Truncated importance sampling: recompute old log-probabilities and weigh tokens by min(π_old/π_sampler, cap)',
    ),
})

export type GrpoConfig = Resolved<GrpoSettings>

/** What every training on a model's own responses has: how they are sampled, and AdamW. */
export const OWN_RESPONSES = {
  steps: true,
  groupSize: true,
  questionsPerStep: true,
  temperature: true,
  topP: true,
  maxTokens: true,
  learningRate: true,
  warmupSteps: true,
  decay: true,
  finalShare: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  gradientClipNorm: true,
} as const

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
