/** The settings of on-policy distillation: those of GRPO that have a meaning there. */
import type { z } from 'zod'
import { grpoConfig } from './grpo-config.ts'

/** A group is all responses to one question. */
export const onPolicyDistillationConfig = grpoConfig.pick({
  steps: true,
  questionsPerStep: true,
  groupSize: true,
  temperature: true,
  topP: true,
  maxTokens: true,
  learningRate: true,
  warmupSteps: true,
  decay: true,
  finalShare: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  gradientClipNorm: true,
})
export type OnPolicyDistillationConfig = z.infer<typeof onPolicyDistillationConfig>
