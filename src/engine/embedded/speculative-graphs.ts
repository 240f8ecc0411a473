/** The graphs of self-speculative sampling of one sequence: prefill, verify two tokens, draft the next one. */
import { cast, input, logSoftmax, mul, reshape, softmax, topK } from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { DeepseekV3Config } from '../../model/config.ts'
import { decoder, outputHead, predictAfterNext } from '../../model/decoder.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { causalMask, filledMask, graphInputs, pastLayers, stack } from './decode-graph.ts'
import { parameterInputs } from './weights.ts'

/** A token and its draft. */
export const WINDOW = 2

/**
 * From `tokens`, `nextTokens` and `positions` [1, length]: `cached` of the decoder and `moduleCached`, as the caches keep
 * them, and `drafts` [length], what the module expects after each next token.
 */
export function speculativePrefillGraph(
  config: DeepseekV3Config,
  specs: readonly ParameterSpec[],
  length: number,
): Record<string, Tensor> {
  const inputs = graphInputs(config, parameterInputs(specs), 1, length)
  const attend = { kind: 'row', mask_R1TT: causalMask(length) } as const
  const { hidden_ND, cached } = decoder(config, inputs, attend)
  const nextTokens = input('nextTokens', [1, length], 'int64')
  const module = predictAfterNext(config, { ...inputs, hidden_ND, nextTokens }, attend)
  return { cached: stack(cached), moduleCached: stack(module.cached), drafts: likeliest(module.logits_NV) }
}

/** `logprobs`, `weights` [2, vocabulary], `hidden` [2, D] and `cached` of two tokens after a cache. */
export function verifyGraph(
  config: DeepseekV3Config,
  specs: readonly ParameterSpec[],
  capacity: number,
): Record<string, Tensor> {
  const inputs = graphInputs(config, parameterInputs(specs), 1, WINDOW)
  const { hidden_ND, cached } = decoder(config, inputs, {
    kind: 'cache',
    layers: pastLayers(config, config.numLayers, 1, capacity),
    mask_R11C: filledMask(inputs.positions, capacity),
  })
  const logits = outputHead(config, hidden_ND, inputs.parameter)
  return {
    logprobs: logSoftmax(logits),
    weights: softmax(mul(logits, input('inverseTemperatures', [1, 1]))),
    hidden: hidden_ND,
    cached: stack(cached),
  }
}

/** From `hidden` of two tokens and their `nextTokens` [1, 2]: `drafts` [2] and `cached`, after the module's cache. */
export function draftGraph(
  config: DeepseekV3Config,
  specs: readonly ParameterSpec[],
  capacity: number,
): Record<string, Tensor> {
  const inputs = graphInputs(config, parameterInputs(specs), 1, WINDOW)
  const layers: Tensor[][] = []
  layers[config.numLayers] = pastLayers(config, 1, 1, capacity)[0]!
  const module = predictAfterNext(
    config,
    {
      ...inputs,
      hidden_ND: input('hidden', [WINDOW, config.hiddenSize]),
      nextTokens: input('nextTokens', [1, WINDOW], 'int64'),
    },
    { kind: 'cache', layers, mask_R11C: filledMask(inputs.positions, capacity) },
  )
  return { drafts: likeliest(module.logits_NV), cached: stack(module.cached) }
}

/** Token ids as numbers, since sessions give numbers: [N, V] -> [N]. */
const likeliest = (logits_NV: Tensor): Tensor =>
  reshape(cast(topK(logits_NV, 1), 'float32'), [logits_NV.shape[0]!])
