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
  // Few beside the data that come later, as in the paper: they give the form and cost little of the reasoning. Six in seven are
  // long thinking, which a cold start is for; the others show how a request is answered. Kinds that R1-Zero seldom gets right are
  // asked more often.
  coldStart: { questions: 600, samples: 4, rounds: 3, keep: 1, demonstrations: 120 },
  // Three times this rate costs half of the arithmetic (docs/log.md).
  dev1: { ...sft, epochs: 4, learningRate: 5e-4 },
  // Half of R1-Zero's rollouts and of its rate: what is nearly always right has little left but noise to learn from.
  dev2: { grpo: { ...grpo, steps: 192, learningRate: 3e-5 } },
  // As many demonstrations as verified responses, where the paper has a third of them, for the same reason: with 2,400 one answer
  // in ten to a request is good, with 6,000 seven.
  data: { questions: 2400, samples: 4, rounds: 3, keep: 3, demonstrations: 6000, temperature: 0.7 },
  dev3: sft,
  rewardModels: {
    pairs: 6000,
    labels: 3000,
    heldOut: 400,
    training: { epochs: 2, batchSize: 32, learningRate: 5e-4, decay: 'cosine' },
  },
  // 20 rollouts, the last seven with requests.
  r1: { grpo: { ...grpo, steps: 320, learningRate: 3e-5, temperature: 0.7 }, generalSteps: 112 },
  // Two points decide most claims, which fewer questions cannot tell apart (docs/claims.md).
  evaluation: { questions: 256, requests: 96, samples: 8, maxTokens: grpo.maxTokens },
}
