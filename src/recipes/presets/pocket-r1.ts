/** The R1 pipeline on the pocket base model: what is changed from the paper, so that all of it takes an hour, not weeks. */
import { pocket } from './pocket.ts'

const { grpo } = pocket
/** Learning rates for two million parameters, as in R1-Zero's preset. */
const sft = { batchSize: 32, learningRate: 1e-3, weightDecay: 0.1, maxTokens: 512 }

export const pocketR1 = {
  zero: { grpo },
  coldStart: { questions: 800, samples: 4, keep: 1, demonstrations: 300 },
  dev1: sft,
  dev2: { grpo: { ...grpo, steps: 40 } },
  data: { questions: 1200, samples: 4, keep: 2, demonstrations: 700 },
  dev3: sft,
  rewardModels: {
    pairs: 1500,
    labels: 1500,
    heldOut: 400,
    training: { batchSize: 32, learningRate: 5e-4 },
  },
  r1: { grpo: { ...grpo, steps: 48, temperature: 0.7 }, generalSteps: 16 },
  evaluation: { questions: 96, requests: 48, samples: 16, maxTokens: grpo.maxTokens },
}
