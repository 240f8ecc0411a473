import { describe, expect, it } from 'vitest'
import { checkGrpo, checkPpo, grpoConfig } from './grpo-config.ts'

describe('settings that nothing would obey are refused', () => {
  it.each([
    [{ deadline: 5, dynamicSampling: 2 }, /^dev2\.grpo\.deadline .*dev2\.grpo\.dynamicSampling/],
    [{ ratioCap: 3, surrogate: 'cispo' }, /^dev2\.grpo\.ratioCap .*surrogate=cispo/],
  ])('by GRPO: %o', (settings, message) => {
    expect(() => checkGrpo(grpoConfig.parse(settings), 'dev2.grpo')).toThrow(message)
  })

  it.each([
    { staleness: 1 },
    { deadline: 5 },
    { dynamicSampling: 3 },
    { importanceCap: 2 },
    { advantageScale: 'none' },
    { klEstimator: 'k1' },
    { klUnbiased: true },
  ])('by PPO: %o', (settings) => {
    const [name] = Object.keys(settings)
    expect(() => checkPpo(grpoConfig.parse(settings))).toThrow(
      new RegExp(`^grpo\\.${name} is .*PPO has no such`),
    )
  })

  it('the defaults are obeyed', () => {
    const config = grpoConfig.parse({})
    expect(() => [checkGrpo(config), checkPpo(config)]).not.toThrow()
  })

  it.each([{ beta1: 1 }, { beta2: 1 }])('betas of 1 would divide by zero: %o', (settings) => {
    expect(() => grpoConfig.parse(settings)).toThrow()
  })
})
