/** Distillation on the pocket size: students of two architectures and two sizes, both smaller than the teacher. */
import { onPolicy, pocket } from './pocket.ts'
import { pocketR1 } from './pocket-r1.ts'

/** Each response is used once, and the teacher is the leash. */
const { minibatches: _, klWeight: __, ...once } = onPolicy.grpo
const steps = 500

const student = (name: string, model: { architecture: 'qwen2' | 'llama'; [size: string]: unknown }) => ({
  name,
  model: null,
  pretrain: {
    model,
    pretrain: { steps, decaySteps: steps },
    annealing: { steps: 50 },
    evaluation: { questions: 64, samples: 4 },
  },
  sft: pocketR1.dev3,
})
const heads = { numHeads: 4, numKeyValueHeads: 2 }

export const pocketDistill = {
  data: pocketR1.data,
  students: [
    student('qwen2-s', {
      architecture: 'qwen2',
      hiddenSize: 96,
      intermediateSize: 256,
      numLayers: 3,
      ...heads,
    }),
    student('llama-m', {
      architecture: 'llama',
      hiddenSize: 144,
      intermediateSize: 384,
      numLayers: 4,
      ...heads,
    }),
  ],
  reinforcement: { grpo: pocket.grpo },
  onPolicy: { grpo: { ...once, steps: 30, groupSize: 4 } },
  evaluation: pocketR1.evaluation,
}
