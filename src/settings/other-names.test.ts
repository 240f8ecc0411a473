import { describe, expect, it } from 'vitest'
import { r1ZeroConfig } from '../recipes/r1-zero.ts'
import { resolveConfig, setLayers } from './config.ts'
import { OTHER_NAMES } from './other-names.ts'
import { settingPaths } from './schema.ts'

const paths = settingPaths(r1ZeroConfig)
const answer = (setting: string) => {
  try {
    resolveConfig(r1ZeroConfig, setLayers(r1ZeroConfig, [`${setting}=0.5`]))
  } catch (error) {
    return /Did you mean (.*)\?/.exec((error as Error).message)?.[1]
  }
  return undefined
}

describe('names of other trainers', () => {
  it.each(OTHER_NAMES)('$ours is a setting of ours', ({ ours }) => {
    expect(paths.some((path) => path === ours || path.endsWith(`.${ours}`))).toBe(true)
  })

  // As they stand in the files and on the command lines of TRL, verl and OpenRLHF.
  it.each([
    ['num_generations', 'grpo.groupSize'],
    ['grpo.num_generations', 'grpo.groupSize'],
    ['ppo.learning_rate', 'ppo.learningRate'],
    ['learning-rate', 'grpo.learningRate'],
    ['grpo.lr', 'grpo.learningRate'],
    ['beta', 'grpo.klWeight'],
    ['epsilon_high', 'grpo.clipHigh'],
    ['actor_rollout_ref.rollout.n', 'grpo.groupSize'],
    ['actor_rollout_ref.actor.optim.lr', 'grpo.learningRate'],
    ['algorithm.adv_estimator', 'algorithm'],
    ['algorithm.kl_ctrl.kl_coef', 'grpo.klWeight'],
    ['n_samples_per_prompt', 'grpo.groupSize'],
    ['lora_r', 'lora.rank'],
    ['model_name_or_path', 'model'],
  ])('%s asks whether %s is meant', (given, ours) => expect(answer(given)).toBe(ours))

  it('leaves names of ours alone, and those that nobody has', () => {
    expect(answer('grpo.klWieght')).toBe('grpo.klWeight')
    expect(answer('zzz_zzz')).toBeUndefined()
  })
})
