/** The R1 pipeline on the pocket base model: what is changed from the paper, so that all of it takes an hour, not weeks. */
import { pocket } from './pocket.ts'

const { grpo } = pocket
/**
 * A rate for two million parameters, as in R1-Zero's preset; above twice this one it forgets how to copy from a request
 * (docs/log.md). Three epochs and not two: the base has never seen most words of general requests, and spells them in bytes.
 */
const sft = { epochs: 3, batchSize: 24, learningRate: 1.5e-3, weightDecay: 0.1, maxTokens: 512 }

export const pocketR1 = {
  zero: { grpo },
  // A few hundred examples: as in the paper, they give the form and cost some of the reasoning.
  coldStart: { questions: 250, samples: 4, keep: 1, demonstrations: 400 },
  dev1: sft,
  dev2: { grpo: { ...grpo, steps: 40 } },
  // Two to one, where the paper has three to one, for the same reason.
  data: { questions: 1600, samples: 4, keep: 3, demonstrations: 2400 },
  dev3: sft,
  rewardModels: {
    pairs: 6000,
    labels: 3000,
    heldOut: 400,
    training: { epochs: 2, batchSize: 32, learningRate: 5e-4, decay: 'cosine' },
  },
  r1: { grpo: { ...grpo, steps: 48, temperature: 0.7 }, generalSteps: 16 },
  evaluation: { questions: 96, requests: 48, samples: 16, maxTokens: grpo.maxTokens },
}
