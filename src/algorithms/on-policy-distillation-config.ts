/** The settings of on-policy distillation: those of GRPO that have a meaning there. */
import type { Resolved } from '../settings/resolved.ts'
import { grpoConfig, OWN_RESPONSES } from './grpo-config.ts'
import type { OnPolicyDistillationSettings } from './settings.ts'

/** A group is all responses to one question. */
export const onPolicyDistillationConfig = grpoConfig.pick(OWN_RESPONSES)
export type OnPolicyDistillationConfig = Resolved<OnPolicyDistillationSettings>
