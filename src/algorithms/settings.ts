/** Written by tools/settings-interfaces.ts from the schemas of the settings. Do not edit it by hand. */

/** Settings of GRPO (R1 v2 S2.1). */
export interface GrpoSettings {
  /** Number of policy updates. A whole number, at least 1. Default: `10400`. */
  steps?: number | undefined
  /** G: responses to each question (R1 v2 S2.1). A whole number, at least 2. Default: `16`. */
  groupSize?: number | undefined
  /** Questions in each update. A whole number, at least 1. Default: `32`. */
  questionsPerStep?: number | undefined
  /** Updates per rollout; each one after the first is one update further off policy. A whole number, at least 1. Default: `16`. */
  minibatches?: number | undefined
  /** Passes over each rollout. A whole number, at least 1. Default: `1`. */
  innerEpochs?: number | undefined
  /** Sampling temperature of the rollouts. A number, above 0. Default: `1`. */
  temperature?: number | undefined
  /** Nucleus sampling of the rollouts; the paper does not state it. A number, at least 0 and at most 1. Default: `1`. */
  topP?: number | undefined
  /** Length limit of a response, in tokens. A whole number, at least 1. Default: `32768`. */
  maxTokens?: number | undefined
  /** Peak learning rate of AdamW. A number, above 0. Default: `0.000003`. */
  learningRate?: number | undefined
  /** Steps of linear learning-rate warm-up; the paper does not state it. A whole number, at least 0. Default: `0`. */
  warmupSteps?: number | undefined
  /** Learning-rate schedule after the warm-up. Default: `"constant"`. */
  decay?: 'constant' | 'cosine' | 'linear' | undefined
  /** Learning rate at the end of the decay, as a share of the peak. A number, at least 0 and at most 1. Default: `0.1`. */
  finalShare?: number | undefined
  /** AdamW: decay of the first moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.9`. */
  beta1?: number | undefined
  /** AdamW: decay of the second moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.95`. */
  beta2?: number | undefined
  /** AdamW: added to the root of the second moment; the paper does not state it. A number, above 0. Default: `1e-8`. */
  epsilon?: number | undefined
  /** AdamW: weight decay; the paper does not state it. A number, at least 0. Default: `0`. */
  weightDecay?: number | undefined
  /** Largest L2 norm of the gradient; 0 turns clipping off. The paper does not state it. A number, at least 0. Default: `1`. */
  gradientClipNorm?: number | undefined
  /** β: weight of the KL term in the loss. A number, at least 0. Default: `0.001`. */
  klWeight?: number | undefined
  /** Estimator of the KL divergence, by Schulman's names; the paper uses k3. Default: `"k3"`. */
  klEstimator?: 'k1' | 'k2' | 'k3' | 'abs' | undefined
  /** Weigh the KL by the probability ratio, which makes its gradient unbiased (arXiv 2512.02556). Default: `false`. */
  klUnbiased?: boolean | undefined
  /** Steps between updates of the reference policy, π_ref ← π_θ; 0 keeps it frozen. A whole number, at least 0. Default: `400`. */
  referenceRefresh?: number | undefined
  /** Surrogate objective: clip (GRPO's min/clip), unclipped, or cispo (arXiv 2506.13585). Default: `"clip"`. */
  surrogate?: 'clip' | 'unclipped' | 'cispo' | undefined
  /** Level of the probability ratio: token, sequence (GSPO, arXiv 2507.18071) or sequenceToken. Default: `"token"`. */
  ratio?: 'token' | 'sequence' | 'sequenceToken' | undefined
  /** ε below 1: ratios are clipped at 1 − ε. The paper states 10 for R1 only. A number, at least 0. Default: `10`. */
  clipLow?: number | undefined
  /** ε above 1: ratios are clipped at 1 + ε. DAPO raises only this one. A number, at least 0. Default: `10`. */
  clipHigh?: number | undefined
  /** Two-sided clip: cap of the ratio where the advantage is negative (arXiv 2505.07291). A number, above 0. Default: `null`. */
  ratioCap?: number | null | undefined
  /** Mask sequences with a negative advantage that drifted further than this from the old policy (arXiv 2512.02556). A number, above 0. Default: `null`. */
  offPolicyThreshold?: number | null | undefined
  /** Weight of an entropy bonus. Default: `0`. */
  entropyWeight?: number | undefined
  /** Mean over tokens: of each sequence (grpo), of all tokens at once (dapo), or divided by a constant (dr_grpo). Default: `"grpo"`. */
  aggregation?: 'grpo' | 'dapo' | 'dr_grpo' | undefined
  /** Standard deviation that divides the advantages: of the group, of the batch, or none (Dr. GRPO). Default: `"group"`. */
  advantageScale?: 'group' | 'batch' | 'none' | undefined
  /** Do not train on responses cut at maxTokens (DAPO). Default: `false`. */
  maskTruncated?: boolean | undefined
  /** Rounds of further questions to replace groups of equal rewards (DAPO); 0 is off. A whole number, at least 0. Default: `0`. */
  dynamicSampling?: number | undefined
  /** Rollouts that are sampled ahead while the engine trains; 0 takes turns. A whole number, at least 0. Default: `0`. */
  staleness?: number | undefined
  /** Seconds of sampling after which a step no longer waits; later groups join the next rollout. A number, above 0. Default: `null`. */
  deadline?: number | null | undefined
  /** Truncated importance sampling: recompute old log-probabilities and weigh tokens by min(π_old/π_sampler, cap). A number, above 0. Default: `null`. */
  importanceCap?: number | null | undefined
}

/** Settings of PPO (R1 v2 SA.3). */
export interface PpoSettings {
  /** Number of policy updates. A whole number, at least 1. Default: `10400`. */
  steps?: number | undefined
  /** G: responses to each question (R1 v2 S2.1). A whole number, at least 2. Default: `16`. */
  groupSize?: number | undefined
  /** Questions in each update. A whole number, at least 1. Default: `32`. */
  questionsPerStep?: number | undefined
  /** Sampling temperature of the rollouts. A number, above 0. Default: `1`. */
  temperature?: number | undefined
  /** Nucleus sampling of the rollouts; the paper does not state it. A number, at least 0 and at most 1. Default: `1`. */
  topP?: number | undefined
  /** Length limit of a response, in tokens. A whole number, at least 1. Default: `32768`. */
  maxTokens?: number | undefined
  /** Peak learning rate of AdamW. A number, above 0. Default: `0.000003`. */
  learningRate?: number | undefined
  /** Steps of linear learning-rate warm-up; the paper does not state it. A whole number, at least 0. Default: `0`. */
  warmupSteps?: number | undefined
  /** Learning-rate schedule after the warm-up. Default: `"constant"`. */
  decay?: 'constant' | 'cosine' | 'linear' | undefined
  /** Learning rate at the end of the decay, as a share of the peak. A number, at least 0 and at most 1. Default: `0.1`. */
  finalShare?: number | undefined
  /** AdamW: decay of the first moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.9`. */
  beta1?: number | undefined
  /** AdamW: decay of the second moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.95`. */
  beta2?: number | undefined
  /** AdamW: added to the root of the second moment; the paper does not state it. A number, above 0. Default: `1e-8`. */
  epsilon?: number | undefined
  /** AdamW: weight decay; the paper does not state it. A number, at least 0. Default: `0`. */
  weightDecay?: number | undefined
  /** Largest L2 norm of the gradient; 0 turns clipping off. The paper does not state it. A number, at least 0. Default: `1`. */
  gradientClipNorm?: number | undefined
  /** Updates per rollout; each one after the first is one update further off policy. A whole number, at least 1. Default: `16`. */
  minibatches?: number | undefined
  /** Passes over each rollout. A whole number, at least 1. Default: `1`. */
  innerEpochs?: number | undefined
  /** β of the KL penalty in the reward of each token. A number, at least 0. Default: `0.001`. */
  klWeight?: number | undefined
  /** Steps between updates of the reference policy, π_ref ← π_θ; 0 keeps it frozen. A whole number, at least 0. Default: `400`. */
  referenceRefresh?: number | undefined
  /** Surrogate objective: clip (GRPO's min/clip), unclipped, or cispo (arXiv 2506.13585). Default: `"clip"`. */
  surrogate?: 'clip' | 'unclipped' | 'cispo' | undefined
  /** Level of the probability ratio: token, sequence (GSPO, arXiv 2507.18071) or sequenceToken. Default: `"token"`. */
  ratio?: 'token' | 'sequence' | 'sequenceToken' | undefined
  /** ε below 1: ratios are clipped at 1 − ε. The paper states 10 for R1 only. A number, at least 0. Default: `10`. */
  clipLow?: number | undefined
  /** ε above 1: ratios are clipped at 1 + ε. DAPO raises only this one. A number, at least 0. Default: `10`. */
  clipHigh?: number | undefined
  /** Two-sided clip: cap of the ratio where the advantage is negative (arXiv 2505.07291). A number, above 0. Default: `null`. */
  ratioCap?: number | null | undefined
  /** Mask sequences with a negative advantage that drifted further than this from the old policy (arXiv 2512.02556). A number, above 0. Default: `null`. */
  offPolicyThreshold?: number | null | undefined
  /** Weight of an entropy bonus. Default: `0`. */
  entropyWeight?: number | undefined
  /** Mean over tokens: of each sequence (grpo), of all tokens at once (dapo), or divided by a constant (dr_grpo). Default: `"grpo"`. */
  aggregation?: 'grpo' | 'dapo' | 'dr_grpo' | undefined
  /** Do not train on responses cut at maxTokens (DAPO). Default: `false`. */
  maskTruncated?: boolean | undefined
  critic?: CriticSettings | undefined
}

/** Settings of PPO's critic. */
export interface CriticSettings {
  /** λ of the generalised advantages (arXiv 1506.02438); with 0.95 PPO is clearly worse than GRPO in the paper, with 1 close to it (R1 v2 SA.3). A number, at least 0 and at most 1. Default: `1`. */
  lambda?: number | undefined
  /** γ: discount for each token. A number, at least 0 and at most 1. Default: `1`. */
  gamma?: number | undefined
  /** Learning rate of the critic's AdamW. A number, above 0. Default: `0.00001`. */
  learningRate?: number | undefined
  /** Clip range of the value loss: how far a value may move from that of the rollout. A number, above 0. Default: `0.2`. */
  valueClip?: number | undefined
}

/** Settings of supervised fine-tuning (R1 v2 SB.4.2). */
export interface SftSettings {
  /** Passes over the data. A whole number, at least 1. Default: `2`. */
  epochs?: number | undefined
  /** Examples in each update. A whole number, at least 1. Default: `128`. */
  batchSize?: number | undefined
  /** Length limit of an example in tokens, prompt included; longer examples are left out. A whole number, at least 2. Default: `32768`. */
  maxTokens?: number | undefined
  /** Share of the examples kept for the validation loss; the paper does not state it. A number, at least 0 and at most 0.5. Default: `0.02`. */
  validationShare?: number | undefined
  /** Peak learning rate. A number, above 0. Default: `0.00005`. */
  learningRate?: number | undefined
  /** Steps of linear learning-rate warm-up; the paper does not state it. A whole number, at least 0. Default: `0`. */
  warmupSteps?: number | undefined
  /** Learning-rate schedule after the warm-up. Default: `"cosine"`. */
  decay?: 'constant' | 'cosine' | 'linear' | undefined
  /** Learning rate at the end of the decay, as a share of the peak. A number, at least 0 and at most 1. Default: `0.1`. */
  finalShare?: number | undefined
  /** AdamW: decay of the first moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.9`. */
  beta1?: number | undefined
  /** AdamW: decay of the second moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.95`. */
  beta2?: number | undefined
  /** AdamW: added to the root of the second moment; the paper does not state it. A number, above 0. Default: `1e-8`. */
  epsilon?: number | undefined
  /** AdamW: weight decay; the paper does not state it. A number, at least 0. Default: `0`. */
  weightDecay?: number | undefined
  /** Largest L2 norm of the gradient; 0 turns clipping off. The paper does not state it. A number, at least 0. Default: `1`. */
  gradientClipNorm?: number | undefined
}

/** Settings of a reward model's training (R1 v2 S3.1). */
export interface RewardModelSettings {
  /** Passes over the examples. A whole number, at least 1. Default: `1`. */
  epochs?: number | undefined
  /** Pairs or labelled responses in each update. A whole number, at least 1. Default: `256`. */
  batchSize?: number | undefined
  /** Peak learning rate of AdamW. A number, above 0. Default: `0.000006`. */
  learningRate?: number | undefined
  /** Steps of linear learning-rate warm-up; the paper does not state it. A whole number, at least 0. Default: `0`. */
  warmupSteps?: number | undefined
  /** Learning-rate schedule after the warm-up. Default: `"constant"`. */
  decay?: 'constant' | 'cosine' | 'linear' | undefined
  /** Learning rate at the end of the decay, as a share of the peak. A number, at least 0 and at most 1. Default: `0.1`. */
  finalShare?: number | undefined
  /** AdamW: decay of the first moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.9`. */
  beta1?: number | undefined
  /** AdamW: decay of the second moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.95`. */
  beta2?: number | undefined
  /** AdamW: added to the root of the second moment; the paper does not state it. A number, above 0. Default: `1e-8`. */
  epsilon?: number | undefined
  /** AdamW: weight decay; the paper does not state it. A number, at least 0. Default: `0`. */
  weightDecay?: number | undefined
  /** Largest L2 norm of the gradient; 0 turns clipping off. The paper does not state it. A number, at least 0. Default: `1`. */
  gradientClipNorm?: number | undefined
}

/** Settings of on-policy distillation (arXiv 2306.13649). */
export interface OnPolicyDistillationSettings {
  /** Number of policy updates. A whole number, at least 1. Default: `10400`. */
  steps?: number | undefined
  /** G: responses to each question (R1 v2 S2.1). A whole number, at least 2. Default: `16`. */
  groupSize?: number | undefined
  /** Questions in each update. A whole number, at least 1. Default: `32`. */
  questionsPerStep?: number | undefined
  /** Sampling temperature of the rollouts. A number, above 0. Default: `1`. */
  temperature?: number | undefined
  /** Nucleus sampling of the rollouts; the paper does not state it. A number, at least 0 and at most 1. Default: `1`. */
  topP?: number | undefined
  /** Length limit of a response, in tokens. A whole number, at least 1. Default: `32768`. */
  maxTokens?: number | undefined
  /** Peak learning rate of AdamW. A number, above 0. Default: `0.000003`. */
  learningRate?: number | undefined
  /** Steps of linear learning-rate warm-up; the paper does not state it. A whole number, at least 0. Default: `0`. */
  warmupSteps?: number | undefined
  /** Learning-rate schedule after the warm-up. Default: `"constant"`. */
  decay?: 'constant' | 'cosine' | 'linear' | undefined
  /** Learning rate at the end of the decay, as a share of the peak. A number, at least 0 and at most 1. Default: `0.1`. */
  finalShare?: number | undefined
  /** AdamW: decay of the first moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.9`. */
  beta1?: number | undefined
  /** AdamW: decay of the second moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.95`. */
  beta2?: number | undefined
  /** AdamW: added to the root of the second moment; the paper does not state it. A number, above 0. Default: `1e-8`. */
  epsilon?: number | undefined
  /** AdamW: weight decay; the paper does not state it. A number, at least 0. Default: `0`. */
  weightDecay?: number | undefined
  /** Largest L2 norm of the gradient; 0 turns clipping off. The paper does not state it. A number, at least 0. Default: `1`. */
  gradientClipNorm?: number | undefined
}

/** Settings of pre-training. */
export interface PretrainSettings {
  /** Number of updates. A whole number, at least 1. Default: `1500`. */
  steps?: number | undefined
  /** Least number of predicted tokens in each update. A whole number, at least 64. Default: `8192`. */
  batchTokens?: number | undefined
  /** Peak learning rate. A number, above 0. Default: `0.003`. */
  learningRate?: number | undefined
  /** Steps of linear learning-rate warm-up. A whole number, at least 0. Default: `50`. */
  warmupSteps?: number | undefined
  /** Learning-rate schedule after the warm-up. Default: `"cosine"`. */
  decay?: 'constant' | 'cosine' | 'linear' | undefined
  /** Number of updates after which the learning rate stops decaying. A whole number, at least 1. Default: `1400`. */
  decaySteps?: number | undefined
  /** Learning rate at the end of the decay, as a share of the peak. A number, at least 0 and at most 1. Default: `0.1`. */
  finalShare?: number | undefined
  /** AdamW: decay of the first moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.9`. */
  beta1?: number | undefined
  /** AdamW: decay of the second moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.95`. */
  beta2?: number | undefined
  /** AdamW: added to the root of the second moment; the paper does not state it. A number, above 0. Default: `1e-8`. */
  epsilon?: number | undefined
  /** A number, at least 0. Default: `0.1`. */
  weightDecay?: number | undefined
  /** A number, at least 0. Default: `1`. */
  gradientClipNorm?: number | undefined
  /** γ: step of the router's bias, which balances the experts (arXiv 2408.15664). A number, at least 0. Default: `0.001`. */
  expertBiasSpeed?: number | undefined
  /** α: weight of the sequence-wise balance loss of the experts (arXiv 2412.19437 §2.1.2). A number, at least 0. Default: `0.0001`. */
  balanceWeight?: number | undefined
  /** λ: weight of the multi-token prediction loss (arXiv 2412.19437 §2.2). A number, at least 0. Default: `0.3`. */
  predictionWeight?: number | undefined
}

/** Settings of low-rank adapters (arXiv 2106.09685). */
export interface LoraSettings {
  /** Rank of low-rank adapters (LoRA, arXiv 2106.09685); 0 trains the whole model, or the adapters that it already has. A whole number, at least 0. Default: `0`. */
  rank?: number | undefined
  /** Scale of the adapters: their product is multiplied by alpha/rank. A number, above 0. Default: `32`. */
  alpha?: number | undefined
  /** Matrices that get an adapter: q_proj, v_proj, …, or all-linear. Default: `["all-linear"]`. */
  targets?: string[] | undefined
  /** How the matrices beside the adapters are kept: in float32, in float16, or stored (a GGUF file’s blocks of 4, 6 and 8 bits as they are, on the CPU as 8-bit numbers; float16 where there are none). Default: `"float32"`. */
  frozen?: 'float32' | 'float16' | 'stored' | undefined
}
