/** Advantages, losses and gradients against TRL's own trainer (tools/trl_golden.py). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { groupAdvantages } from './advantages.ts'
import { type Aggregation, tokenWeights } from './aggregation.ts'
import { evaluateObjective } from './evaluate-objective.ts'
import { type ImportanceCorrection, importanceWeights } from './importance-correction.ts'
import { type PolicyGradientOptions, policyGradient } from './policy-gradient.ts'

interface TrlConfig {
  loss_type: 'grpo' | 'bnpo' | 'dr_grpo' | 'dapo' | 'cispo'
  epsilon?: number
  epsilon_high?: number
  delta?: number
  beta?: number
  use_bias_correction_kl?: boolean
  importance_sampling_level?: 'sequence'
  entropy_coef?: number
  off_policy_mask_threshold?: number
  vllm_importance_sampling_mode?: `${'token' | 'sequence'}_${'truncate' | 'mask'}`
  vllm_importance_sampling_clip_max?: number
  vllm_importance_sampling_clip_min?: number
}
interface Fixture {
  groupSize: number
  maxCompletionLength: number
  advantages: number[]
  logprobs: number[][]
  oldLogprobs: number[][]
  samplerLogprobs: number[][]
  referenceLogprobs: number[][]
  entropies: number[][]
  losses: {
    name: string
    config: TrlConfig
    loss: number
    gradient: number[][]
    entropyGradient?: number[][]
    samplerRatio?: number[][]
    metrics: Record<string, number>
  }[]
  rewards: (number | null)[][]
  rewardWeights: number[]
  groupAdvantages: {
    name: string
    config: { scale_rewards: 'group' | 'batch' | 'none' }
    advantages: number[]
  }[]
}

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/golden/fixtures/trl-losses.json'), 'utf8'),
) as Fixture

function optionsOf(name: string, config: TrlConfig): Partial<PolicyGradientOptions> {
  const cispo = config.loss_type === 'cispo'
  return {
    surrogate: cispo ? 'cispo' : 'clip',
    ratio: name.startsWith('on policy') ? 'none' : (config.importance_sampling_level ?? 'token'),
    clipLow: cispo ? 1 : (config.epsilon ?? 0.2),
    // TRL's CISPO gives the largest ratio itself.
    clipHigh: cispo ? config.epsilon_high! - 1 : (config.epsilon_high ?? config.epsilon ?? 0.2),
    ratioCap: config.delta ?? null,
    offPolicyThreshold: config.off_policy_mask_threshold ?? null,
    klWeight: config.beta ?? 0,
    klUnbiased: config.use_bias_correction_kl ?? false,
    entropyWeight: config.entropy_coef ?? 0,
  }
}

const AGGREGATION: Record<TrlConfig['loss_type'], Aggregation> = {
  grpo: 'grpo',
  dr_grpo: 'dr_grpo',
  dapo: 'dapo',
  // One batch is the whole step here, and then these two are token means too.
  bnpo: 'dapo',
  cispo: 'dapo',
}

function correctionOf(config: TrlConfig): ImportanceCorrection | undefined {
  const [level, mode] = (config.vllm_importance_sampling_mode?.split('_') ?? []) as [
    ImportanceCorrection['level']?,
    ImportanceCorrection['mode']?,
  ]
  if (level === undefined || mode === undefined) return undefined
  const high = config.vllm_importance_sampling_clip_max!
  return { level, mode, high, low: config.vllm_importance_sampling_clip_min ?? 0 }
}

describe('losses', () => {
  it.each(fixture.losses)(
    '$name',
    ({ name, config, loss, gradient, entropyGradient, samplerRatio, metrics }) => {
      const weights = tokenWeights(
        fixture.logprobs.map(({ length }) => ({ tokens: length, truncated: false })),
        { aggregation: AGGREGATION[config.loss_type], maxTokens: fixture.maxCompletionLength },
      )
      const correction = correctionOf(config)
      const sequences = fixture.logprobs.map((logprobs, s) => {
        const oldLogprobs = fixture.oldLogprobs[s]!
        const ratios = correction && importanceWeights(oldLogprobs, fixture.samplerLogprobs[s]!, correction)
        // TRL computes its ratios in float32.
        ratios?.forEach((ratio, t) => {
          expect(ratio).toBeCloseTo(samplerRatio![s]![t]!, 5)
        })
        return {
          logprobs,
          weights: logprobs.map(() => weights[s]!),
          entropies: fixture.entropies[s]!,
          inputs: {
            advantages: logprobs.map((_, t) => fixture.advantages[s]! * (samplerRatio?.[s]?.[t] ?? 1)),
            oldLogprobs,
            referenceLogprobs: fixture.referenceLogprobs[s]!,
          },
        }
      })
      const got = evaluateObjective(policyGradient(optionsOf(name, config)), sequences)
      expect(got.loss).toBeCloseTo(loss, 12)
      gradient.forEach((row, s) => {
        row.forEach((value, t) => {
          expect(got.coefficients[s]![t]).toBeCloseTo(value, 12)
        })
      })
      entropyGradient?.forEach((row, s) => {
        row.forEach((value, t) => {
          expect(got.entropyCoefficients[s]![t]).toBeCloseTo(value, 12)
        })
      })
      // Of sequence ratios TRL averages over sequences, we over tokens; a token masked out is never clipped here.
      if (config.importance_sampling_level === undefined && correction?.mode !== 'mask') {
        if ('clip_ratio/low_mean' in metrics) {
          expect(got.statistics.clipLow).toBeCloseTo(metrics['clip_ratio/low_mean']!, 6)
          expect(got.statistics.clipHigh).toBeCloseTo(metrics['clip_ratio/high_mean']!, 6)
        } else expect(got.statistics.clipHigh).toBeCloseTo(metrics.cispo_clip_ratio!, 6)
        if (config.beta && !config.use_bias_correction_kl)
          expect(got.statistics.kl).toBeCloseTo(metrics.kl!, 6)
      }
    },
  )

  it('differ from case to case', () => {
    const seen = fixture.losses.map(({ gradient }) => JSON.stringify(gradient))
    // bnpo and dapo are one when the batch is the whole step; the entropy bonus touches only the entropies.
    expect(seen.length - new Set(seen).size).toBe(2)
  })
})

describe('advantages', () => {
  const totals = fixture.rewards[0]!.map((_, i) =>
    fixture.rewards.reduce((sum, rewards, k) => sum + (rewards[i] ?? 0) * fixture.rewardWeights[k]!, 0),
  )
  const groups = Array.from({ length: totals.length / fixture.groupSize }, (_, g) =>
    totals.slice(g * fixture.groupSize, (g + 1) * fixture.groupSize),
  )
  it.each(fixture.groupAdvantages)('scaled by $name', ({ config, advantages }) => {
    const got = groupAdvantages(groups, {
      scale: config.scale_rewards,
      deviation: 'sample',
      epsilon: 1e-4,
    })
    got.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(advantages[i]!, 5)
    })
  })
})
