/** The settings that every run which trains a model has. */
import { z } from 'zod'
import { loraConfig } from '../algorithms/lora-config.ts'
import { engineConfig } from './trained-model.ts'

export const trainingSettings = {
  checkpointEvery: z.int().min(1).default(10).describe('Steps between checkpoints'),
  keepCheckpoints: z.int().min(1).default(2).describe('Checkpoints that stay'),
  microBatchTokens: z.int().min(64).default(4096).describe('Tokens the embedded engine trains on at once'),
  lora: loraConfig,
  engine: engineConfig,
  recompute: z
    .boolean()
    .default(false)
    .describe('Compute activations twice instead of keeping them: less memory, a third more time'),
}
