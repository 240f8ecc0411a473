/** The dropped experiments at the pocket size, on the base model: there the majority leaves the most to gain. */
import { pocket } from './pocket.ts'
import { pocketR1 } from './pocket-r1.ts'

export const pocketAttempts = {
  data: { questions: 300, heldOut: 50 },
  training: { batchSize: 32, learningRate: 5e-4, decay: 'cosine' as const },
  // The first steps of R1-Zero's: what the two rewards teach differs long before the end.
  grpo: { ...pocket.grpo, steps: 160 },
  evaluation: pocketR1.evaluation,
}
