import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { PUBLISHED_SHAPES } from '../model/published-shapes.ts'
import { deepseekV3, qwen7b, qwen15b } from '../recipes/presets/full-size.ts'
import { r1ZeroConfig } from '../recipes/r1-zero.ts'
import { ACCELERATORS } from './accelerators.ts'
import { modelCosts } from './model-costs.ts'
import { planR1Zero, type Workload } from './plan.ts'

const [V3, B7, B15] = ['DeepSeek-V3-Base', 'Qwen2.5-7B', 'Qwen2.5-1.5B'].map(
  (name) => PUBLISHED_SHAPES[name]!,
)
const h800 = ACCELERATORS.h800!
const plan = (shape: typeof V3, preset: object, settings: object = {}, count?: number, workload?: Workload) =>
  planR1Zero(
    r1ZeroConfig.parse({ ...preset, grpo: { ...(preset as { grpo?: object }).grpo, ...settings } }),
    shape!,
    { accelerator: h800, ...(count !== undefined && { count }) },
    workload,
  )

describe('the paper’s own budget (R1 v2 SB.1)', () => {
  // 10,400 steps, the limit doubled at step 8,200 (R1 v2 S2.1).
  const phases = [
    plan(V3, deepseekV3, { steps: 8200 }, 512),
    plan(V3, deepseekV3, { steps: 2200, maxTokens: 65_536 }, 512),
  ]
  const total = (figure: 'hours' | 'acceleratorHours' | 'cost') =>
    phases.reduce((sum, phase) => sum + phase[figure]!, 0)

  it.each([
    ['hours', 198],
    ['acceleratorHours', 101_000],
    ['cost', 202_000],
  ] as const)('%s within 30 percent of %i', (figure, paper) => {
    expect(total(figure) / paper).toBeGreaterThan(0.7)
    expect(total(figure) / paper).toBeLessThan(1.3)
  })

  it('most of it is spent waiting for the longest responses, as the paper says', () => {
    for (const { seconds } of phases)
      expect(seconds.sampling).toBeGreaterThan(2 * (seconds.training + seconds.scoring))
  })
})

describe('costs of a model', () => {
  it.each([
    ['Qwen2.5-1.5B', 1_543_714_304, 1_543_714_304, 28 * 2 * 2 * 128 * 2],
    ['Qwen2.5-7B', 7_615_616_512, 7_615_616_512 - 152_064 * 3584, 28 * 2 * 4 * 128 * 2],
    // 671B in all and 37B for each token, by the paper; the cache is latent and rotated key.
    ['DeepSeek-V3-Base', 671_026_419_200, 36_625_618_432, 61 * (512 + 64) * 2],
  ])('%s', (name, parameters, activeParameters, cacheBytes) => {
    expect(modelCosts(PUBLISHED_SHAPES[name]!)).toMatchObject({ parameters, activeParameters, cacheBytes })
  })
})

describe('planR1Zero', () => {
  it('counts rollouts, responses and tokens', () => {
    const { rollouts, responsesPerRollout, sampledTokens, trainedTokens } = plan(B7, qwen7b, {}, 8, {
      meanTokens: 1000,
      promptTokens: 100,
    })
    expect([rollouts, responsesPerRollout]).toEqual([625, 8192])
    expect(sampledTokens / (625 * 8192 * 1000)).toBeCloseTo(1, 6)
    expect(trainedTokens - sampledTokens).toBeCloseTo(625 * 8192 * 100, 0)
  })

  it('takes the fewest accelerators that hold the run, and refuses fewer', () => {
    const { accelerators, memory } = plan(V3, deepseekV3)
    expect(memory.training).toBeLessThan(0.9 * 80)
    expect(() => plan(V3, deepseekV3, {}, accelerators - 1)).toThrow(
      new RegExp(`^--gpus is ${accelerators - 1}: too few .* at least ${accelerators} of 80 GB`),
    )
    expect(plan(B15, qwen15b).accelerators).toBe(1)
  })

  it('more accelerators take less time; longer responses and a larger group more', () => {
    const { hours } = plan(B7, qwen7b, {}, 8)
    expect(plan(B7, qwen7b, {}, 64).hours).toBeLessThan(hours)
    expect(plan(B7, qwen7b, {}, 8, { meanTokens: 8000 }).hours).toBeGreaterThan(hours)
    expect(plan(B7, qwen7b, { groupSize: 32 }, 8).hours).toBeGreaterThan(hours)
  })

  it('scoring costs nothing without a reference, and twice as much with recomputed old log-probabilities', () => {
    const scoring = (settings: object) => plan(B7, qwen7b, settings, 8).seconds.scoring
    expect(scoring({ klWeight: 0 })).toBe(0)
    expect(scoring({ importanceCap: 2 })).toBeCloseTo(2 * scoring({}), 6)
  })

  it('a second epoch trains twice on what is sampled once', () => {
    const [one, two] = [plan(B7, qwen7b, {}, 8), plan(B7, qwen7b, { innerEpochs: 2 }, 8)]
    expect(two.seconds.training).toBeCloseTo(2 * one.seconds.training, 6)
    expect(two.seconds.sampling).toBe(one.seconds.sampling)
    expect(two.rollouts).toBe(one.rollouts / 2)
  })

  it('adapters need less memory for training', () => {
    const lora = { rank: 16 }
    const [whole, adapted] = [plan(B7, qwen7b, {}, 8), plan(B7, { ...qwen7b, lora }, {}, 8)]
    expect(adapted.trainedParameters).toBeLessThan(whole.trainedParameters / 100)
    expect(adapted.memory.training).toBeLessThan(whole.memory.training / 2)
  })

  it('refuses responses that no model or memory holds', () => {
    expect(() => plan(V3, deepseekV3, { maxTokens: 163_840 })).toThrow(/^grpo\.maxTokens is 163840/)
    expect(() => plan({ ...B7!, maxPositions: 1e9 }, qwen7b, { maxTokens: 1e8 })).toThrow(ConfigError)
  })

  it('names no cost without a price', () => {
    const config = r1ZeroConfig.parse(qwen7b)
    const accelerator = ACCELERATORS.h100!
    expect(planR1Zero(config, B7!, { accelerator }).cost).toBeUndefined()
    const priced = planR1Zero(config, B7!, { accelerator, price: 3 })
    expect(priced.cost).toBeCloseTo(3 * priced.acceleratorHours, 6)
  })
})
