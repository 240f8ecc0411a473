/** Each objective compiled for ONNX Runtime in float32 gives what the float64 interpreter gives. */
import { describe, expect, it } from 'vitest'
import { createPrograms } from '../../src/engine/embedded/programs.ts'
import { coefficients } from '../../src/objectives/coefficients.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { evaluateObjective, objectiveGraph } from '../../src/objectives/evaluate-objective.ts'
import type { Objective } from '../../src/objectives/objective.ts'
import { type PolicyGradientOptions, policyGradient } from '../../src/objectives/policy-gradient.ts'
import { randomStream } from '../../src/random.ts'
import { createOnnxRuntime } from '../../src/runtime/onnx-runtime.ts'

const random = randomStream(1, 'objectives')
const sequences = [7, 1, 12].map((length) => {
  const draw = (value: () => number) => Float32Array.from({ length }, value)
  const logprobs = draw(() => -2 * random.uniform() - 0.1)
  const near = (spread: number) => logprobs.map((x) => x + spread * random.normal())
  return {
    logprobs,
    weights: draw(() => (random.chance(0.2) ? 0 : 0.1)),
    entropies: draw(() => random.uniform()),
    inputs: {
      advantages: draw(() => random.normal()),
      oldLogprobs: near(0.4),
      referenceLogprobs: near(0.5),
      coefficients: draw(() => random.normal()),
    },
  }
})
const lengths = sequences.map(({ weights }) => weights.length)

const variants: Record<string, Partial<PolicyGradientOptions>> = {
  GRPO: {},
  'clip higher, capped': { clipHigh: 0.28, ratioCap: 1.5, klWeight: 0 },
  GSPO: { ratio: 'sequence', clipLow: 0.01, clipHigh: 0.02 },
  'GSPO-token with off-policy masking': { ratio: 'sequenceToken', offPolicyThreshold: 0.01 },
  CISPO: { surrogate: 'cispo', clipLow: 1, clipHigh: 0.3 },
  'no ratio': { ratio: 'none', surrogate: 'unclipped' },
  'k1, unbiased': { klEstimator: 'k1', klUnbiased: true, klWeight: 0.1 },
  'k2, entropy bonus': { klEstimator: 'k2', klWeight: 0.1, entropyWeight: 0.01 },
  abs: { klEstimator: 'abs', klWeight: 0.1 },
}
const objectives: [string, Objective][] = [
  ['cross-entropy', crossEntropy],
  ['coefficients', coefficients],
  ...Object.entries(variants).map(([name, options]): [string, Objective] => [name, policyGradient(options)]),
]

describe('compiled objectives', () => {
  const cache = createPrograms(createOnnxRuntime())
  it.each(objectives)('%s', async (_, objective) => {
    const expected = evaluateObjective(objective, sequences)
    const graph = await cache.get(objective.key, {}, () => {
      const { loss, gradients, statistics } = objectiveGraph(objective, lengths, ['logprobs', 'entropies'])
      return {
        outputs: { loss, coefficients: gradients[0]!, entropyCoefficients: gradients[1]!, ...statistics },
      }
    })
    const joined = (part: (sequence: (typeof sequences)[number]) => Float32Array) =>
      Float32Array.from(sequences.flatMap((sequence) => [...part(sequence)]))
    const usesEntropies = objective.key.includes('"entropyWeight":0.01')
    const feeds = {
      logprobs: joined((s) => s.logprobs),
      ...(usesEntropies ? { entropies: joined((s) => s.entropies) } : {}),
      weights: joined((s) => s.weights),
      ...Object.fromEntries(
        objective.inputs.map((name) => [
          `input:${name}`,
          joined((s) => s.inputs[name as keyof (typeof sequences)[number]['inputs']]),
        ]),
      ),
    }
    const got = await graph.run({ feeds })
    expect(got.loss![0]).toBeCloseTo(expected.loss, 5)
    const flat = (rows: Float64Array[]) => rows.flatMap((row) => [...row])
    for (const [name, values] of [
      ['coefficients', flat(expected.coefficients)],
      ['entropyCoefficients', flat(expected.entropyCoefficients)],
    ] as const)
      got[name]!.forEach((value, i) => {
        expect(value).toBeCloseTo(values[i]!, 5)
      })
    for (const [name, value] of Object.entries(expected.statistics))
      expect(got[name]![0]).toBeCloseTo(value, 5)
  })
})
