/** The settings of a reward model's training: the paper's, the same for helpfulness and safety (paper.md §2.3). */
import { z } from 'zod'

const share = z.number().min(0).max(1)
const positive = z.number().positive()

export const rewardModelConfig = z.strictObject({
  epochs: z.int().min(1).default(1).describe('Passes over the examples'),
  batchSize: z.int().min(1).default(256).describe('Pairs or labelled responses an update'),
  learningRate: positive.default(6e-6).describe('Of AdamW'),
  warmupSteps: z.int().min(0).default(0).describe('Linear warm-up; not stated in the paper'),
  decay: z.enum(['constant', 'cosine', 'linear']).default('constant').describe('Not stated in the paper'),
  finalShare: share.default(0.1).describe('Where a decay ends, as a share of the peak'),
  beta1: share.default(0.9).describe("AdamW's; not stated in the paper"),
  beta2: share.default(0.95).describe("AdamW's; not stated in the paper"),
  epsilon: positive.default(1e-8).describe("AdamW's; not stated in the paper"),
  weightDecay: z.number().min(0).default(0).describe("AdamW's; not stated in the paper"),
  gradientClipNorm: z.number().min(0).default(1).describe('0 is off; not stated in the paper'),
})
export type RewardModelConfig = z.infer<typeof rewardModelConfig>
