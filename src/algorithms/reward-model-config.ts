/** The settings of a reward model's training: the paper's, the same for helpfulness and safety (R1 v2 S3.1). */
import { z } from 'zod'
import type { Resolved } from '../settings/resolved.ts'
import { adamwFields } from './adamw-config.ts'
import type { RewardModelSettings } from './settings.ts'

export const rewardModelConfig = z.strictObject({
  epochs: z.int().min(1).default(1).describe('Passes over the examples'),
  batchSize: z.int().min(1).default(256).describe('Pairs or labelled responses in each update'),
  learningRate: z.number().positive().default(6e-6).describe('Peak learning rate of AdamW'),
  ...adamwFields('constant'),
})
export type RewardModelConfig = Resolved<RewardModelSettings>
