/** The settings that every run which trains a model has. */
import { z } from 'zod'
import { loraConfig } from '../algorithms/lora-config.ts'
import { engineConfig } from './trained-model.ts'

export const trainingSettings = {
  checkpointEvery: z.int().min(1).default(10).describe('Steps between checkpoints'),
  keepCheckpoints: z.int().min(1).default(2).describe('How many checkpoints to keep'),
  microBatchTokens: z
    .int()
    .min(64)
    .default(1024)
    .describe('Tokens in one forward and backward pass of the embedded engine: fewer need less memory'),
  lora: loraConfig,
  engine: engineConfig,
  recompute: z
    .boolean()
    .default(false)
    .describe('Recompute activations instead of keeping them: less memory, a third more time'),
}
