/** The settings of `r1 train sft`: supervised fine-tuning on files of prompts and responses (R1 §2.3.1, §2.3.3). */
import { z } from 'zod'
import { sftConfig } from '../algorithms/sft-config.ts'
import { trainingSettings } from '../pipeline/training-settings.ts'

export const sftRecipeConfig = z.strictObject({
  seed: z
    .int()
    .min(0)
    .default(1)
    .describe('Seed of the order of the examples, and of the choice of validation examples'),
  model: z
    .string()
    .default('pocket-base')
    .describe('Model to start from: a model folder, a run or pocket-base'),
  data: z
    .string()
    .default('')
    .describe(
      'JSONL or Parquet files with prompt and response, or with messages; separate several with commas',
    ),
  chatTemplate: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "A Jinja file, or r1 for R1's own; the model's own template otherwise, R1-Zero's where it has none",
    ),
  sft: sftConfig.prefault({}),
  ...trainingSettings,
})
export type SftRecipeConfig = z.infer<typeof sftRecipeConfig>

export const sftPresets = {
  paper: {},
  // A model of two million parameters wants small batches and a learning rate twenty times the paper's.
  pocket: { sft: { batchSize: 32, learningRate: 1e-3, maxTokens: 512 }, checkpointEvery: 50 },
}
