/** The graphs of sampling: prefill (a prompt's keys and values) and decode (one more token for every slot). */
import {
  concat,
  constant,
  input,
  less,
  logSoftmax,
  mul,
  reshape,
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

function inputs(config: DecoderConfig, parameters: Map<string, Tensor>, rows: number, length: number) {
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
  const indices = Array.from({ length }, (_, i) => i)
  const later = less(constant(indices, [length, 1], 'int32'), constant(indices, [1, length], 'int32'))
  const mask = reshape(where(later, FORBIDDEN, 0), [1, 1, length, length])
  const { cached } = decoder(config, inputs(config, parameterInputs(specs), rows, length), {
    kind: 'row',
    mask_R1TT: mask,
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
  const common = inputs(config, parameters, slots, 1)
  const { planes, heads, size } = architectureOf(config).cache
  const layers = Array.from({ length: config.numLayers }, (_, layer) =>
    Array.from({ length: planes }, (_, plane) =>
      input(`past:${layer}:${plane}`, [slots, heads, capacity, size]),
    ),
  )
  const indices = constant(
    Array.from({ length: capacity }, (_, i) => i),
    [1, capacity],
    'int64',
  )
  const filled = less(indices, common.positions)
  const { hidden_ND, cached } = decoder(config, common, {
    kind: 'cache',
    layers,
    mask_R11C: reshape(where(filled, 0, FORBIDDEN), [slots, 1, 1, capacity]),
  })
  const logits = outputHead(config, hidden_ND, common.parameter)
  return {
    logprobs: logSoftmax(logits),
    weights: softmax(mul(logits, input('inverseTemperatures', [slots, 1]))),
    cached: stack(cached),
  }
}

const stack = (parts: readonly Tensor[]) =>
  concat(
    parts.map((part) => reshape(part, [1, ...part.shape])),
    0,
  )
