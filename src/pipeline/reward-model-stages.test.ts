import { describe, expect, it } from 'vitest'
import { grpoConfig } from '../algorithms/grpo-config.ts'
import { r1Config, r1Presets } from '../recipes/r1-config.ts'
import { allScenarios } from './reward-model-stages.ts'
import { pocketWorld } from './world.ts'

describe('allScenarios', () => {
  it.each([
    { minibatches: 1, innerEpochs: 1, dynamicSampling: 0 },
    { minibatches: 2, innerEpochs: 3, dynamicSampling: 0 },
    { minibatches: 1, innerEpochs: 1, dynamicSampling: 2 },
  ])('asks general requests in the rollouts of the last steps alone: %o', async (variant) => {
    const grpo = grpoConfig.parse({ steps: 60, questionsPerStep: 4, ...variant })
    const settings = { ...r1Config.parse({ seed: 1, ...r1Presets.pocket }), world: pocketWorld }
    const ask = await allScenarios(settings, 1, { grpo, generalSteps: 24, generalShare: 0.5 })
    // As grpo.ts places them: a rollout has this many questions, and room for as many again.
    const stepsARollout = grpo.minibatches * grpo.innerEpochs
    const questions = grpo.questionsPerStep * grpo.minibatches
    const general = Array.from({ length: grpo.steps / stepsARollout }, (_, rollout) => {
      const first = rollout * questions * (1 + grpo.dynamicSampling)
      const tasks = Array.from({ length: questions }, (_, i) => ask(first + i).task.name)
      return tasks.filter((name) => name === pocketWorld.general.name).length
    })
    const before = (60 - 24) / stepsARollout
    expect(general.slice(0, before).every((count) => count === 0)).toBe(true)
    const after = general.slice(before).reduce((sum, count) => sum + count, 0)
    expect(after / (questions * (general.length - before))).toBeGreaterThan(0.3)
    expect(after / (questions * (general.length - before))).toBeLessThan(0.7)
  })
})
