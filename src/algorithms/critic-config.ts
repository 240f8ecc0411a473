/** What PPO has besides the settings it shares with GRPO: a critic (R1 v2 SA.3). The paper states λ alone. */
import { z } from 'zod'

const share = z.number().min(0).max(1)

export const criticConfig = z.strictObject({
  lambda: share
    .default(1)
    .describe('λ of the advantages; the paper found 0.95 clearly worse than GRPO, and 1 close to it'),
  gamma: share.default(1).describe('γ, the discount a token'),
  learningRate: z.number().positive().default(1e-5).describe("Of the critic's AdamW"),
  valueClip: z
    .number()
    .positive()
    .default(0.2)
    .describe('How far a value may move from the rollout’s before the loss stops pulling it on'),
})
export type CriticConfig = z.infer<typeof criticConfig>
