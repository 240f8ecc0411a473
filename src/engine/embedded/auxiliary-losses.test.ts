import { describe, expect, it } from 'vitest'
import { tinyDeepseekV3 } from '../../../test/tiny-model.ts'
import { evaluate } from '../../graph/evaluate.ts'
import { constant } from '../../graph/operations.ts'
import { chosenExperts, route } from '../../model/parts/mixture-of-experts.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import { sequenceBalance } from './auxiliary-losses.ts'
import { createEmbeddedEngine } from './local-engine.ts'

const floats = (values: number[], ...shape: number[]) => constant(values, shape)
const int64s = (values: number[], ...shape: number[]) => constant(values, shape, 'int64')

it('sequenceBalance by hand: two sequences and a padded token, three experts, one choice', () => {
  // Sequence 0 has tokens 0 and 1, sequence 1 has token 2; token 3 is padding and would be of sequence 0.
  const scores_NX = floats([2, 1, 1, 1, 1, 2, 0, 3, 1, 9, 0, 0], 4, 3)
  const routing = {
    scores_NX,
    experts_NK: int64s([0, 2, 1, 0], 4, 1),
    weights_NK: floats([1, 1, 1, 1], 4, 1),
  }
  const real_N1 = floats([1, 1, 1, 0], 4, 1)
  const chosen = floats([1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], 4, 3)
  const rows = { sequences: int64s([0, 0, 1, 0], 4), weights: floats([0.25, 0.25, 0.5, 0], 4) }
  const [value] = evaluate([sequenceBalance(routing, chosen, real_N1, rows)])
  // Sequence 0: f = 3/(1·2)·(1, 0, 1), P = ((½+¼)/2, ¼, (¼+½)/2): 1.5·0.375·2 = 1.125; weight ½.
  // Sequence 1: f = (0, 3, 0), P = (0, ¾, ¼): 2.25; weight ½.
  expect(value![0]).toBeCloseTo(0.5 * 1.125 + 0.5 * 2.25, 12)
})

describe('route', () => {
  const experts = {
    routed: 4,
    perToken: 2,
    shared: 1,
    size: 1,
    groups: 2,
    groupsPerToken: 1,
    normalized: true,
    factor: 2.5,
  }
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  const routed = (bias: number[]) => {
    const gate = floats([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], 4, 4)
    const routing = route(experts, floats([3, -3, 1, 0], 1, 4), gate, floats(bias, 4))
    const [choice, weights, chosen] = evaluate([
      routing.experts_NK,
      routing.weights_NK,
      chosenExperts(routing),
    ])
    return { choice: Array.from(choice!), weights: Array.from(weights!), chosen: Array.from(chosen!) }
  }

  it('takes the best of the best group, though an expert elsewhere is better', () => {
    // σ(3) + σ(-3) = 1 < σ(1) + σ(0) = 1.231
    const [a, b] = [sigmoid(1), sigmoid(0)]
    const { choice, weights, chosen } = routed([0, 0, 0, 0])
    expect(choice).toEqual([2, 3])
    expect(weights[0]).toBeCloseTo((2.5 * a) / (a + b), 12)
    expect(weights[1]).toBeCloseTo((2.5 * b) / (a + b), 12)
    expect(chosen).toEqual([0, 0, 1, 1])
  })

  it('the bias changes the choice and not the weights', () => {
    const { choice, weights } = routed([0.3, 0, 0, 0])
    expect(choice).toEqual([0, 1])
    expect(weights[0]).toBeCloseTo((2.5 * sigmoid(3)) / (sigmoid(3) + sigmoid(-3)), 12)
  })
})

const data = [
  { tokens: Int32Array.from([1, 5, 9, 2, 7, 7, 3]), weights: new Float32Array(6).fill(0.1) },
  { tokens: Int32Array.from([4, 4, 8, 1, 0]), weights: new Float32Array(4).fill(0.1) },
]
const adamw = {
  learningRate: 0,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  gradientClipNorm: 0,
}

describe('an update of a model with experts', () => {
  it('counts real tokens, and moves each bias by the speed towards balance', async () => {
    const engine = createEmbeddedEngine({
      config: tinyDeepseekV3,
      minRowLength: 64,
      auxiliary: { balance: 0, prediction: 0.3 },
    })
    await engine.forwardBackward(data, crossEntropy)
    const { expertLoad } = await engine.optimStep({ ...adamw, expertBiasSpeed: 0.01 })
    expect(expertLoad).toHaveLength(2)
    for (const [i, layer] of [1, 2].entries()) {
      const loads = expertLoad![i]!
      // Ten real tokens with two choices each: loads over their mean of five are fifths.
      expect(loads.reduce((a, b) => a + b, 0)).toBeCloseTo(4, 12)
      for (const load of loads) expect(5 * load).toBeCloseTo(Math.round(5 * load), 12)
      const bias =
        await engine.weights.states[`model.layers.${layer}.mlp.gate.e_score_correction_bias`]!.read()
      loads.forEach((load, expert) => {
        expect(bias[expert]).toBeCloseTo(0.01 * Math.sign(1 - load), 7)
      })
    }
    expect((await engine.optimStep(adamw)).expertLoad).toBeUndefined()
    engine.close()
  })

  it('reports the losses beside the objective’s, and they reach the weights', async () => {
    const run = async (auxiliary: { balance: number; prediction: number }) => {
      const engine = createEmbeddedEngine({ config: tinyDeepseekV3, seed: 3, minRowLength: 64, auxiliary })
      const { loss, statistics } = await engine.forwardBackward(data, crossEntropy)
      const norm = async (name: string) => Math.hypot(...(await engine.gradient.states[name]!.read()))
      const norms = {
        projection: await norm('model.layers.2.eh_proj.weight'),
        gate: await norm('model.layers.1.mlp.gate.weight'),
      }
      engine.close()
      return { loss, statistics, norms }
    }
    const plain = await run({ balance: 0, prediction: 0 })
    const both = await run({ balance: 0.5, prediction: 0.3 })
    expect(plain.statistics).not.toHaveProperty('predictionLoss')
    expect(plain.norms.projection).toBe(0)
    expect(both.loss).toBeCloseTo(plain.loss, 5)
    // Random weights: eight tokens two ahead, a tenth each, about as surprising as any of twenty.
    expect(both.statistics.predictionLoss).toBeCloseTo(0.8 * Math.log(20), 1)
    expect(both.norms.projection).toBeGreaterThan(0)
    expect(both.statistics.balanceLoss).toBeGreaterThanOrEqual(1)
    expect(both.norms.gate).not.toBeCloseTo(plain.norms.gate, 4)
  })
})
