/** Of a vocabulary of 262,144 tokens, no graph holds scores of more tokens at once than `logitBytes` allows. */
import { describe, expect, it } from 'vitest'
import { tinyGroupedQuery } from '../../../test/tiny-model.ts'
import { sizeOf, topologicalOrder } from '../../graph/tensor.ts'
import { adaptedMatrices, type Lora } from '../../model/lora.ts'
import { parameterSpecs } from '../../model/parameters.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import { policyGradient } from '../../objectives/policy-gradient.ts'
import type { Graph } from '../../runtime/runtime.ts'
import { decodeGraph } from './decode-graph.ts'
import { mostSlotsOf } from './lanes.ts'
import { logitPartsOf, scoreGraph, trainGraph } from './train-step.ts'

const config = { ...tinyGroupedQuery('gemma3_text'), vocabularySize: 262_144, maxPositions: 1024 }
const specs = parameterSpecs(config)
const logitBytes = 2 ** 27
/** 128 tokens at a time, of 2048. */
const most = logitBytes / (4 * config.vocabularySize)
const logitParts = logitPartsOf(config, 4, 512, logitBytes)
const settings: Lora = { rank: 2, alpha: 4, targets: ['all-linear'] }
const lora = { settings, matrices: adaptedMatrices(specs, settings) }

/** The most tokens whose scores of all of the vocabulary one tensor holds. */
const tokensAtOnce = ({ outputs = {}, assign = {} }: Graph) =>
  Math.max(
    ...topologicalOrder([...Object.values(outputs), ...Object.values(assign)])
      .filter(({ shape }) => shape.at(-1) === config.vocabularySize)
      .map(({ shape }) => sizeOf(shape) / config.vocabularySize),
  )

describe('the scores of 2048 tokens', () => {
  it.each([
    ['scoring', scoreGraph(config, specs, 4, 512, { logitParts })],
    ['fine-tuning', trainGraph(config, specs, 4, 512, crossEntropy, { logitParts })],
    ['GRPO with adapters', trainGraph(config, specs, 4, 512, policyGradient({}), { logitParts, lora })],
    ['recomputed layers', trainGraph(config, specs, 4, 512, crossEntropy, { logitParts, recompute: true })],
  ])('%s: 128 at a time', (_, graph) => {
    expect(tokensAtOnce(graph)).toBe(most)
  })

  it('without a limit all at once', () => {
    const graph = scoreGraph(config, specs, 4, 512, {})
    expect(tokensAtOnce(graph)).toBe(2048)
  })
})

it('decoding: as many slots as fit, in a batch that there is a graph for', () => {
  expect(tokensAtOnce(decodeGraph(config, specs, mostSlotsOf(most), 64))).toBe(128)
  expect([mostSlotsOf(127.9), mostSlotsOf(64), mostSlotsOf(0.3)]).toEqual([96, 64, 1])
})
