/** The R1 pipeline on the pocket base model: what is changed from the paper, so that all of it takes an hour, not weeks. */
import { onPolicy } from './pocket.ts'

const { grpo } = onPolicy
/**
 * A rate for two million parameters, as in R1-Zero's preset; above twice this one it forgets how to copy from a request
 * (docs/log.md). Three epochs and not two: the base has never seen most words of general requests, and spells them in bytes.
 */
const sft = { epochs: 3, batchSize: 24, learningRate: 1.5e-3, weightDecay: 0.1, maxTokens: 512 }

export const pocketR1 = {
  zero: { grpo },
  // As in the paper few beside the data that come later: they give the form, cost much of the reasoning, and leave a model
  // that can learn it again. After three times as many it is nearly certain of all that it says, and learns no more. Three in
  // four are long thinking, which a cold start is for; the others show how a request is answered.
  coldStart: { questions: 200, samples: 4, keep: 1, demonstrations: 60 },
  dev1: { ...sft, epochs: 2 },
  dev2: { grpo },
  // About as many demonstrations as verified responses, where the paper has a third of them, for the same reason.
  data: { questions: 1600, samples: 4, keep: 3, demonstrations: 2400 },
  dev3: sft,
  rewardModels: {
    pairs: 6000,
    labels: 3000,
    heldOut: 400,
    training: { epochs: 2, batchSize: 32, learningRate: 5e-4, decay: 'cosine' },
  },
  r1: { grpo: { ...grpo, steps: 48, temperature: 0.7 }, generalSteps: 16 },
  // Two points decide most claims, which fewer questions cannot tell apart (docs/claims.md).
  evaluation: { questions: 256, requests: 96, samples: 8, maxTokens: grpo.maxTokens },
}
