/** The settings of PPO with a critic (arXiv 1707.06347): those of GRPO that have a meaning there, and the critic's. */
import type { z } from 'zod'
import { criticConfig } from './critic-config.ts'
import { checkUpdates, grpoConfig, OWN_RESPONSES } from './grpo-config.ts'

/** What GRPO and PPO have in common. */
const shared = grpoConfig.pick({
  ...OWN_RESPONSES,
  minibatches: true,
  innerEpochs: true,
  klWeight: true,
  referenceRefresh: true,
  surrogate: true,
  ratio: true,
  clipLow: true,
  clipHigh: true,
  ratioCap: true,
  offPolicyThreshold: true,
  entropyWeight: true,
  aggregation: true,
  maskTruncated: true,
})

export const ppoConfig = shared.extend({
  klWeight: shared.shape.klWeight.describe('β of the KL penalty in the reward of each token'),
  critic: criticConfig.prefault({}),
})
export type PpoConfig = z.infer<typeof ppoConfig>

/** PPO as it stands beside a GRPO run: the settings that both have are the same. */
export const ppoBeside = (grpo: z.infer<typeof grpoConfig>, critic: PpoConfig['critic']): PpoConfig => ({
  ...shared.strip().parse(grpo),
  critic,
})

/** Throws for settings that exclude each other; `group` is where they stand in the recipe's. */
export const checkPpo = (config: PpoConfig, group = 'ppo'): void => checkUpdates(config, group)
