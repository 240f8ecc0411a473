/**
 * Runs of others on open models, with a number to hit. docs/published-runs.md has for each its source, the expected result, steps,
 * hours and what was verified here. What a source does not say is as in the paper.
 */

/** Ratios are clipped as PPO's are in verl and its kin, and the reference policy is the base throughout. */
const COMMON = { clipLow: 0.2, clipHigh: 0.2, referenceRefresh: 0 }

/** verl's baseline with adapters: 64 questions of five responses, 15 epochs of 7,473 questions. */
export const gsm8kWithAdapters = {
  model: 'models/Qwen2.5-0.5B-Instruct',
  task: 'openai/gsm8k',
  template: 'model',
  rewards: { format: 0 },
  grpo: {
    ...COMMON,
    steps: 1740,
    groupSize: 5,
    questionsPerStep: 64,
    minibatches: 1,
    maxTokens: 1024,
    learningRate: 3e-6,
  },
  lora: { rank: 32, alpha: 32 },
}

/** SimpleRL-Zoo (arXiv 2503.18892): rollouts of 1,024 questions in four updates, about a hundred of them. */
const SIMPLE_RL = {
  // 8,000 problems of MATH, levels 3 to 5.
  task: 'questions.jsonl',
  template: 'model',
  rewards: { format: 0 },
  grpo: {
    ...COMMON,
    steps: 400,
    groupSize: 8,
    questionsPerStep: 256,
    minibatches: 4,
    maxTokens: 8192,
    learningRate: 5e-7,
    klWeight: 1e-4,
    entropyWeight: 0.001,
  },
}
export const simpleRl05b = { ...SIMPLE_RL, model: 'models/Qwen2.5-0.5B' }
export const simpleRl15b = { ...SIMPLE_RL, model: 'models/Qwen2.5-1.5B' }

/** TinyZero's task as nanoAhaMoment trains it: 16 puzzles of four responses an update. */
export const countdown3b = {
  model: 'models/Qwen2.5-3B',
  task: 'Jiayi-Pan/Countdown-Tasks-3to4',
  grpo: {
    ...COMMON,
    steps: 1000,
    groupSize: 4,
    questionsPerStep: 16,
    minibatches: 1,
    maxTokens: 1024,
    learningRate: 1e-6,
  },
}

/** The same task as Mini-R1 has it: three puzzles of eight responses an update, from the instruct model. */
export const miniR1 = {
  model: 'models/Qwen2.5-3B-Instruct',
  task: 'Jiayi-Pan/Countdown-Tasks-3to4',
  template: 'model',
  grpo: {
    ...COMMON,
    steps: 450,
    groupSize: 8,
    questionsPerStep: 3,
    minibatches: 1,
    maxTokens: 1024,
    learningRate: 5e-7,
    warmupSteps: 13,
    decay: 'cosine',
  },
}
