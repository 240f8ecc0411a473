/** R1-Zero on the pocket base model: what is changed from the paper (R1 v2 S2.1), and why. */
const policy = {
  // With a constant one, the last steps wander about where they should settle.
  decay: 'cosine' as const,
  // A tenth of a bit more of a leash, since steps are larger.
  klWeight: 0.01,
  // Thoughts are at most a few hundred tokens long.
  maxTokens: 384,
}

/** One update a rollout, so that nothing is off policy and no ratio is clipped: simpler to follow, and 60 rollouts where `pocket` takes 24. */
export const onPolicy = {
  grpo: {
    ...policy,
    steps: 60,
    questionsPerStep: 16,
    minibatches: 1,
    // Higher ones still unlearn checking (docs/log.md).
    learningRate: 2e-4,
    warmupSteps: 5,
  },
  evaluation: { every: 20 },
}

export const pocket = {
  grpo: {
    ...policy,
    // A pocket run lasts minutes, not weeks, and its model has a millionth of the parameters: 24 rollouts of 16 questions, each
    // split into 16 minibatches as in the paper.
    steps: 384,
    questionsPerStep: 1,
    minibatches: 16,
    // Small models want learning rates two orders larger.
    learningRate: 7e-5,
    warmupSteps: 32,
    // The paper does not state R1-Zero's ε, and at R1's 10 hardly a token of so small a model is ever clipped: PPO's.
    clipLow: 0.2,
    clipHigh: 0.2,
  },
  // A critic of the policy's size learns as its policy does.
  ppo: { ...onPolicy.grpo, critic: { learningRate: 5e-4 } },
  evaluation: { every: 128 },
}

/** To see what happens in little time: a few rollouts, and a shorter measurement. */
export const quick = {
  grpo: { ...pocket.grpo, steps: 96, learningRate: 1.5e-4, warmupSteps: 8 },
  evaluation: { questions: 64, samples: 4 },
}
