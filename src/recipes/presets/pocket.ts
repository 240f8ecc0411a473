/** R1-Zero on the pocket base model: what is changed from the paper (R1 v2 S2.1), and why. */
const policy = {
  // A pocket run lasts minutes, not weeks, and its model has a millionth of the parameters.
  steps: 60,
  questionsPerStep: 16,
  // One update a rollout: on policy throughout, and half of the responses would teach nothing new.
  minibatches: 1,
  // Small models want learning rates two orders larger; higher ones still unlearn checking (docs/log.md).
  learningRate: 2e-4,
  warmupSteps: 5,
  // With a constant one, the last steps wander about where they should settle.
  decay: 'cosine' as const,
  // A tenth of a bit more of a leash, since steps are larger.
  klWeight: 0.01,
  // Thoughts are at most a few hundred tokens long.
  maxTokens: 384,
}

export const pocket = {
  grpo: policy,
  // A critic of the policy's size learns as its policy does.
  ppo: { ...policy, critic: { learningRate: 5e-4 } },
  evaluation: { every: 20 },
}

/**
 * The paper's way to use a rollout: 16 updates of each, at random, so that the last of them trains on what a policy of 15 updates ago
 * sampled, and clipping acts. After 400 updates the reference policy is renewed. As many responses as in `pocket` are sampled, in
 * updates of two questions. The paper does not state R1-Zero's ε, and at R1's 10 hardly a token of so small a model is ever clipped:
 * 0.2 is what PPO and most since have.
 */
export const offPolicy = {
  grpo: {
    ...policy,
    steps: 480,
    questionsPerStep: 2,
    minibatches: 16,
    learningRate: 7e-5,
    clipLow: 0.2,
    clipHigh: 0.2,
    referenceRefresh: 400,
  },
  evaluation: { every: 160 },
}

/** To see what happens in little time: ten larger steps, and a shorter measurement. */
export const quick = {
  grpo: { ...policy, steps: 10, questionsPerStep: 16, learningRate: 3e-4, warmupSteps: 2 },
  evaluation: { questions: 64, samples: 4 },
}
