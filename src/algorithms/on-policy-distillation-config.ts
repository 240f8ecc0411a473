/** The settings of on-policy distillation: those of GRPO that have a meaning there. */
import type { Resolved } from '../settings/resolved.ts'
import { grpoConfig } from './grpo-config.ts'
import type { OnPolicyDistillationSettings } from './settings.ts'

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
export type OnPolicyDistillationConfig = Resolved<OnPolicyDistillationSettings>
