/** Distillation on the pocket size: students of two architectures and two sizes, all smaller than the teacher. */
import { pocket } from './pocket.ts'
import { pocketR1 } from './pocket-r1.ts'

const sizes = {
  s: { hiddenSize: 96, intermediateSize: 256, numLayers: 3, numHeads: 4, numKeyValueHeads: 2 },
  m: { hiddenSize: 144, intermediateSize: 384, numLayers: 4, numHeads: 4, numKeyValueHeads: 2 },
}
const { grpo } = pocket
const steps = 500

export const pocketDistill = {
  data: pocketR1.data,
  students: (['qwen2', 'llama'] as const).flatMap((architecture) =>
    (['s', 'm'] as const).map((size) => ({
      name: `${architecture}-${size}`,
      model: null,
      pretrain: {
        model: { architecture, ...sizes[size] },
        pretrain: { steps, decaySteps: steps },
        annealing: { steps: 50 },
        evaluation: { questions: 64, samples: 4 },
      },
    })),
  ),
  sft: pocketR1.dev3,
  reinforcement: { grpo },
  onPolicy: { grpo: { ...grpo, steps: 30, groupSize: 4 } },
  evaluation: pocketR1.evaluation,
}
