/** What PPO has besides the settings it shares with GRPO: a critic (R1 v2 SA.3). The paper states λ alone. */
import { z } from 'zod'

const share = z.number().min(0).max(1)

export const criticConfig = z.strictObject({
  lambda: share
    .default(1)
    .describe(
      'λ of the generalised advantages (arXiv 1506.02438); with 0.95 PPO is clearly worse than GRPO in the paper, with 1 close to it (R1 v2 SA.3)',
    ),
  gamma: share.default(1).describe('γ: discount for each token'),
  learningRate: z.number().positive().default(1e-5).describe("Learning rate of the critic's AdamW"),
  valueClip: z
    .number()
    .positive()
    .default(0.2)
    .describe('Clip range of the value loss: how far a value may move from that of the rollout'),
})
export type CriticConfig = z.infer<typeof criticConfig>
