/** All stages and claims of the miniature in a few minutes: a rehearsal whose figures say nothing but that they are measured. */
const shape = { hiddenSize: 32, intermediateSize: 64, numLayers: 2, numHeads: 4, numKeyValueHeads: 2 }
const grpo = { steps: 2, questionsPerStep: 2, groupSize: 4, minibatches: 1, maxTokens: 100 }
const data = { questions: 64, samples: 4, demonstrations: 16 }
const sft = { epochs: 1, batchSize: 16, learningRate: 1.5e-3, maxTokens: 512 }
// One request of each family, of which one asks for harm.
const evaluation = { questions: 2, requests: 6, samples: 2, maxTokens: 100 }

export const tinyMiniature = {
  r1: {
    zero: { grpo },
    coldStart: data,
    // Enough that a response in form is among those that Dev2 samples.
    dev1: { ...sft, epochs: 6, batchSize: 4 },
    dev2: { grpo },
    data,
    dev3: sft,
    rewardModels: { pairs: 8, labels: 8, heldOut: 4, training: { batchSize: 8 } },
    r1: { grpo, generalSteps: 1 },
    evaluation,
  },
  distill: {
    students: [
      {
        name: 'tiny',
        pretrain: {
          model: { architecture: 'llama' as const, ...shape },
          pretrain: { steps: 2, batchTokens: 512 },
          evaluation: { questions: 2, samples: 2 },
        },
        sft,
      },
    ],
    reinforcement: { grpo },
    evaluation,
  },
  attempts: {
    data: { questions: 12, samples: 4, heldOut: 4 },
    training: { epochs: 1, batchSize: 16 },
    search: { simulations: 2, width: 2 },
    grpo,
    evaluation,
  },
  secondHeldOut: { questions: 2, requests: 6 },
}
