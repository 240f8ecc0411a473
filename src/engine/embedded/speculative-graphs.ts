/** The graphs of self-speculative sampling of one sequence: prefill, verify two tokens, draft the next one. */
import { filledMask } from '../../graph/attention.ts'
import { cast, input, reshape, state, topK } from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { DeepseekV3Config } from '../../model/config.ts'
import { decoder, outputHead, predictAfterNext } from '../../model/decoder.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import type { Graph } from '../../runtime/runtime.ts'
import {
  drawn,
  graphInputs,
  likeliestOf,
  pastLayers,
  planeName,
  promptRows,
  startsOf,
  written,
} from './decode-graph.ts'
import { parameterInputs } from './weights.ts'

/** A token and its draft. */
export const WINDOW = 2

/**
 * From `tokens`, `nextTokens` and `positions` [1, length]: assigns `prefilled:…` of the decoder and `module:…`, as the caches
 * keep them; `drafts` [length] are what the module expects after each next token.
 */
export function speculativePrefillGraph(
  config: DeepseekV3Config,
  specs: readonly ParameterSpec[],
  length: number,
): Graph {
  const inputs = graphInputs(config, parameterInputs(specs), 1, length)
  const attend = promptRows(1, length, false)
  const { hidden_ND, cached } = decoder(config, inputs, attend)
  const nextTokens = input('nextTokens', [1, length], 'int64')
  const module = predictAfterNext(config, { ...inputs, hidden_ND, nextTokens }, attend)
  const named = (cache: string, planes: readonly Tensor[]) =>
    planes.map((plane, i) => [planeName(cache, config, i), plane] as const)
  return {
    outputs: { drafts: likeliest(module.logits_NV) },
    assign: Object.fromEntries([...named('prefilled', cached), ...named('module', module.cached)]),
  }
}

/**
 * `drawn` [2, 3] of two tokens after a cache, to which they are written; assigns `hidden` [2, D]. The second token's draw
 * counts where the first one's is the draft.
 */
export function verifyGraph(
  config: DeepseekV3Config,
  specs: readonly ParameterSpec[],
  capacity: number,
  alternatives: number,
): Graph {
  const inputs = graphInputs(config, parameterInputs(specs), 1, WINDOW)
  const layers = pastLayers(config, 'past', config.numLayers, 1, capacity)
  const { hidden_ND, cached } = decoder(config, inputs, {
    kind: 'cache',
    layers,
    mask_R11C: filledMask(startsOf(inputs.positions), capacity),
  })
  const scores = drawn(outputHead(config, hidden_ND, inputs.parameter))
  return {
    outputs: { drawn: scores.drawn, ...likeliestOf(scores.logprobs, alternatives) },
    assign: {
      hidden: hidden_ND,
      ...written(config, 'past', layers.flat(), inputs.positions, cached),
    },
  }
}

/** From `hidden` of two tokens and their `nextTokens` [1, 2]: `drafts` [2], after the module's cache, to which it writes. */
export function draftGraph(
  config: DeepseekV3Config,
  specs: readonly ParameterSpec[],
  capacity: number,
): Graph {
  const inputs = graphInputs(config, parameterInputs(specs), 1, WINDOW)
  const [own] = pastLayers(config, 'module', 1, 1, capacity)
  const layers: Tensor[][] = []
  layers[config.numLayers] = own!
  const module = predictAfterNext(
    config,
    {
      ...inputs,
      hidden_ND: state('hidden', [WINDOW, config.hiddenSize]),
      nextTokens: input('nextTokens', [1, WINDOW], 'int64'),
    },
    { kind: 'cache', layers, mask_R11C: filledMask(startsOf(inputs.positions), capacity) },
  )
  return {
    outputs: { drafts: likeliest(module.logits_NV) },
    assign: written(config, 'module', own!, inputs.positions, module.cached),
  }
}

/** Token ids as numbers, since sessions give numbers: [N, V] -> [N]. */
const likeliest = (logits_NV: Tensor): Tensor =>
  reshape(cast(topK(logits_NV, 1), 'float32'), [logits_NV.shape[0]!])
