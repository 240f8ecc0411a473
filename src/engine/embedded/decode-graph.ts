/** The graphs of sampling: prefill (a prompt's keys and values) and decode (one more token for every slot). */
import {
  concat,
  constant,
  input,
  less,
  logSoftmax,
  mul,
  reshape,
  slice,
  softmax,
  where,
} from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import { architectureOf } from '../../model/architectures.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { decoder, outputHead } from '../../model/decoder.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { rotarySize } from '../../model/rope.ts'
import { parameterInputs } from './weights.ts'

const FORBIDDEN = -1e9

export function graphInputs(
  config: DecoderConfig,
  parameters: Map<string, Tensor>,
  rows: number,
  length: number,
) {
  return {
    tokens: input('tokens', [rows, length], 'int64'),
    positions: input('positions', [rows, length], 'int64'),
    cos: input('cos', [config.maxPositions, rotarySize(config) / 2]),
    sin: input('sin', [config.maxPositions, rotarySize(config) / 2]),
    parameter: (name: string) => parameters.get(name)!,
  }
}

/** `cached` [layers · planes, rows, heads, length, size], as the cache keeps it, of right-padded prompts. */
export function prefillGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
): Record<string, Tensor> {
  const { cached } = decoder(config, graphInputs(config, parameterInputs(specs), rows, length), {
    kind: 'row',
    mask_R1TT: causalMask(length),
  })
  return { cached: stack(cached) }
}

/**
 * `logprobs` and `weights` (after `inverseTemperatures`) [slots, vocabulary], and `cached` [layers · planes, slots,
 * heads, 1, size], from the cache of `capacity` positions in `past:<layer>:<plane>`, of which slot b has filled
 * `positions[b]`.
 */
export function decodeGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  slots: number,
  capacity: number,
): Record<string, Tensor> {
  const parameters = parameterInputs(specs)
  const common = graphInputs(config, parameters, slots, 1)
  const { hidden_ND, cached } = decoder(config, common, {
    kind: 'cache',
    layers: pastLayers(config, config.numLayers, slots, capacity),
    mask_R11C: filledMask(common.positions, capacity),
  })
  const logits = outputHead(config, hidden_ND, common.parameter)
  return {
    logprobs: logSoftmax(logits),
    weights: softmax(mul(logits, input('inverseTemperatures', [slots, 1]))),
    cached: stack(cached),
  }
}

/** 0 for tokens up to one's own: [1, 1, length, length]. */
export function causalMask(length: number): Tensor {
  const indices = Array.from({ length }, (_, i) => i)
  const later = less(constant(indices, [length, 1], 'int32'), constant(indices, [1, length], 'int32'))
  return reshape(where(later, FORBIDDEN, 0), [1, 1, length, length])
}

/** 0 for cached positions before the first of each row's [rows, length]: [rows, 1, 1, capacity]. */
export function filledMask(positions: Tensor, capacity: number): Tensor {
  const indices = constant(
    Array.from({ length: capacity }, (_, i) => i),
    [1, capacity],
    'int64',
  )
  const filled = less(indices, slice(positions, 1, 0, 1))
  return reshape(where(filled, 0, FORBIDDEN), [positions.shape[0]!, 1, 1, capacity])
}

/** Inputs for the planes that a cache of `numLayers` layers feeds. */
export function pastLayers(
  config: DecoderConfig,
  numLayers: number,
  slots: number,
  capacity: number,
): Tensor[][] {
  const { planes, heads, size } = architectureOf(config).cache
  return Array.from({ length: numLayers }, (_, layer) =>
    Array.from({ length: planes }, (_, plane) =>
      input(`past:${layer}:${plane}`, [slots, heads, capacity, size]),
    ),
  )
}

export const stack = (parts: readonly Tensor[]) =>
  concat(
    parts.map((part) => reshape(part, [1, ...part.shape])),
    0,
  )
