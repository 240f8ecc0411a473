/** The dropped experiments at the pocket size, on the base model: there the majority leaves the most to gain. */
import { pocket } from './pocket.ts'
import { pocketR1 } from './pocket-r1.ts'

export const pocketAttempts = {
  training: { ...pocketR1.rewardModels.training, epochs: 2 },
  grpo: pocket.grpo,
  evaluation: pocketR1.evaluation,
}
