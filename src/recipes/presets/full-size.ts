/**
 * R1-Zero on published models with the paper's hyper-parameters (R1 v2 S2.1). They want a cluster: `r1 plan` says
 * which, and what it costs. `task` is your own file of questions, decontaminated and filtered.
 */

/** The column of Qwen2.5-32B-Zero, the paper's run on a dense model; the rest is as R1-Zero's. */
const DENSE = {
  // "More than 10K".
  steps: 10_000,
  learningRate: 2e-6,
}

export const qwen15b = {
  model: 'models/Qwen2.5-1.5B',
  task: 'questions.jsonl',
  // Its context of 32,768 holds the question too.
  grpo: { ...DENSE, maxTokens: 31_744 },
}

/** Qwen2-Math-7B-Zero took about 10,000 updates too (R1 §2.2.4). */
export const qwen7b = {
  model: 'models/Qwen2.5-7B',
  task: 'questions.jsonl',
  grpo: DENSE,
}

/**
 * The settings' own defaults are R1-Zero's. From step 8,200 on the paper's limit is twice as high: stop there and continue
 * with `--resume --set grpo.maxTokens=65536`.
 */
export const deepseekV3 = {
  model: 'models/DeepSeek-V3-Base',
  task: 'questions.jsonl',
}
