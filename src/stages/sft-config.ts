/** The settings of supervised fine-tuning. Defaults are the report's for both of its SFT stages (paper.md §5.2). */
import { z } from 'zod'

export const sftConfig = z.strictObject({
  epochs: z.int().min(1).default(2).describe('Passes over the data'),
  batchSize: z.int().min(1).default(128).describe('Examples an update'),
  maxTokens: z
    .int()
    .min(2)
    .default(32_768)
    .describe('Longest example, prompt included; longer ones are left out'),
  validationShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.02)
    .describe('Share of the examples that are kept for the validation loss; not stated in the paper'),
  learningRate: z.number().positive().default(5e-5).describe('Peak learning rate'),
  warmupSteps: z.int().min(0).default(0).describe('Updates of linear warm-up; not stated in the paper'),
  decay: z.enum(['constant', 'cosine', 'linear']).default('cosine').describe('What follows the warm-up'),
  finalShare: z.number().min(0).max(1).default(0.1).describe('Where the decay ends, as a share of the peak'),
  beta1: z.number().min(0).max(1).default(0.9).describe("AdamW's; not stated in the paper"),
  beta2: z.number().min(0).max(1).default(0.95).describe("AdamW's; not stated in the paper"),
  epsilon: z.number().positive().default(1e-8).describe("AdamW's; not stated in the paper"),
  weightDecay: z.number().min(0).default(0).describe("AdamW's; not stated in the paper"),
  gradientClipNorm: z.number().min(0).default(1).describe('0 is off; not stated in the paper'),
})

export type SftConfig = z.infer<typeof sftConfig>
