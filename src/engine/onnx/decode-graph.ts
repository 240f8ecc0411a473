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
import type { DecoderConfig } from '../../model/config.ts'
import { decoder, outputHead } from '../../model/decoder.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { parameterInputs } from './weights.ts'

const FORBIDDEN = -1e9

function inputs(config: DecoderConfig, parameters: Map<string, Tensor>, rows: number, length: number) {
  return {
    tokens: input('tokens', [rows, length], 'int64'),
    positions: input('positions', [rows, length], 'int64'),
    cos: input('cos', [config.maxPositions, config.headSize / 2]),
    sin: input('sin', [config.maxPositions, config.headSize / 2]),
    parameter: (name: string) => parameters.get(name)!,
  }
}

/** `cached` [2, layers, rows, kvHeads, length, headSize]: keys, then values, of right-padded prompts. */
export function prefillGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
): Record<string, Tensor> {
  const indices = Array.from({ length }, (_, i) => i)
  const later = less(constant(indices, [length, 1], 'int32'), constant(indices, [1, length], 'int32'))
  const mask = reshape(where(later, FORBIDDEN, 0), [1, 1, length, length])
  const { keys, values } = decoder(config, inputs(config, parameterInputs(specs), rows, length), {
    kind: 'row',
    mask_R1TT: mask,
  })
  return { cached: stack([...keys, ...values]) }
}

/**
 * `logprobs` and `weights` (after `inverseTemperatures`) [slots, vocabulary], and `cached` [2, layers, slots, kvHeads, 1,
 * headSize], from the cache of `capacity` positions in `keys:<layer>` and `values:<layer>`, of which slot b has filled
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
  const { numLayers, numKeyValueHeads, headSize } = config
  const cache = (kind: string) =>
    Array.from({ length: numLayers }, (_, layer) =>
      input(`${kind}:${layer}`, [slots, numKeyValueHeads, capacity, headSize]),
    )
  const indices = constant(
    Array.from({ length: capacity }, (_, i) => i),
    [1, capacity],
    'int64',
  )
  const filled = less(indices, common.positions)
  const { hidden_ND, keys, values } = decoder(config, common, {
    kind: 'cache',
    keys: cache('keys'),
    values: cache('values'),
    mask_R11C: reshape(where(filled, 0, FORBIDDEN), [slots, 1, 1, capacity]),
  })
  const logits = outputHead(config, hidden_ND, common.parameter)
  return {
    logprobs: logSoftmax(logits),
    weights: softmax(mul(logits, input('inverseTemperatures', [slots, 1]))),
    cached: stack([...keys, ...values]),
  }
}

const stack = (parts: readonly Tensor[]) =>
  concat(
    parts.map((part) => reshape(part, [1, ...part.shape])),
    0,
  )
