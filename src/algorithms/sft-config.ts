/** The settings of supervised fine-tuning. Defaults are the paper's for both of its SFT stages (R1 v2 SB.4.2). */
import { z } from 'zod'
import type { Resolved } from '../settings/resolved.ts'
import { adamwFields } from './adamw-config.ts'
import type { SftSettings } from './settings.ts'

export const sftConfig = z.strictObject({
  epochs: z.int().min(1).default(2).describe('Passes over the data'),
  batchSize: z.int().min(1).default(128).describe('Examples in each update'),
  maxTokens: z
    .int()
    .min(2)
    .default(32_768)
    .describe('Length limit of an example in tokens, prompt included; longer examples are left out'),
  validationShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.02)
    .describe('Share of the examples kept for the validation loss; the paper does not state it'),
  learningRate: z.number().positive().default(5e-5).describe('Peak learning rate'),
  ...adamwFields('cosine'),
})

export type SftConfig = Resolved<SftSettings>
