import { describe, expect, it } from 'vitest'
import { checkGrpo, grpoConfig } from './grpo-config.ts'
import { checkPpo, ppoBeside, ppoConfig } from './ppo-config.ts'

describe('settings that nothing would obey are refused', () => {
  it.each([
    [{ deadline: 5, dynamicSampling: 2 }, /^dev2\.grpo\.deadline .*dev2\.grpo\.dynamicSampling/],
    [{ ratioCap: 3, surrogate: 'cispo' }, /^dev2\.grpo\.ratioCap .*surrogate=cispo/],
  ])('by GRPO: %o', (settings, message) => {
    expect(() => checkGrpo(grpoConfig.parse(settings), 'dev2.grpo')).toThrow(message)
  })

  it.each([
    'staleness',
    'deadline',
    'dynamicSampling',
    'importanceCap',
    'advantageScale',
    'klEstimator',
    'klUnbiased',
  ])('PPO has no %s', (name) => {
    expect(Object.keys(grpoConfig.shape)).toContain(name)
    expect(Object.keys(ppoConfig.shape)).not.toContain(name)
  })

  it.each([() => checkGrpo(grpoConfig.parse({ steps: 3 })), () => checkPpo(ppoConfig.parse({ steps: 3 }))])(
    'fewer steps than the updates of a rollout, which would be sampled for nothing',
    (check) => {
      expect(check).toThrow(
        /^(grpo|ppo)\.steps is 3: .*at least the 16 of \1\.minibatches.*\1\.minibatches=1/,
      )
    },
  )

  it('the defaults are obeyed', () => {
    expect(() => [checkGrpo(grpoConfig.parse({})), checkPpo(ppoConfig.parse({}))]).not.toThrow()
  })

  it.each([{ beta1: 1 }, { beta2: 1 }])('betas of 1 would divide by zero: %o', (settings) => {
    expect(() => grpoConfig.parse(settings)).toThrow()
  })
})

it('PPO beside GRPO has the settings that both have', () => {
  const beside = ppoBeside(grpoConfig.parse({ steps: 60, staleness: 1 }), ppoConfig.parse({}).critic)
  expect(beside).toEqual(ppoConfig.parse({ steps: 60 }))
})
