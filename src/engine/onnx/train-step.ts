/** The graphs of training and scoring over packed rows: one forward pass, and its gradient in the same graph. */
import { differentiate } from '../../graph/differentiate.ts'
import {
  cast,
  constant,
  div,
  equal,
  exp,
  gather,
  gatherElements,
  input,
  less,
  logSoftmax,
  maximum,
  mul,
  neg,
  not,
  reshape,
  scatterAdd,
  sum,
  where,
} from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { decoder, outputHead } from '../../model/decoder.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { rotarySize } from '../../model/rope.ts'
import type { Objective, TokenBatch } from '../../objectives/objective.ts'
import type { RowArrays } from '../packing.ts'
import { type Feeds, float32, int32, int64 } from './session.ts'
import { parameterInputs } from './weights.ts'

const FORBIDDEN = -1e9

/** Graph inputs for `rows` packed rows of `length` tokens, and what the forward pass gives: [N] each. */
function forwardRows(
  config: DecoderConfig,
  parameters: Map<string, Tensor>,
  rows: number,
  length: number,
): { logprobs: Tensor; entropies: Tensor } {
  const parameter = (name: string) => parameters.get(name)!
  const { hidden_ND } = decoder(
    config,
    {
      tokens: input('tokens', [rows, length], 'int64'),
      positions: input('positions', [rows, length], 'int64'),
      cos: input('cos', [config.maxPositions, rotarySize(config) / 2]),
      sin: input('sin', [config.maxPositions, rotarySize(config) / 2]),
      parameter,
    },
    { kind: 'row', mask_R1TT: rowMask(rows, length) },
  )
  const logits_NV = outputHead(config, hidden_ND, parameter)
  const all_NV = logSoftmax(logits_NV)
  const targets = input('targets', [rows * length], 'int64')
  return {
    logprobs: reshape(gatherElements(all_NV, reshape(targets, [rows * length, 1])), [rows * length]),
    entropies: neg(sum(mul(exp(all_NV), all_NV), [-1])),
  }
}

/** 0 where token j may be seen from token i: not later, and of the same segment or of its parent. */
function rowMask(rows: number, length: number): Tensor {
  const segments = input('segments', [rows, length], 'int32')
  const parents = input('parents', [rows, length], 'int32')
  const indices = Array.from({ length }, (_, i) => i)
  const later = less(constant(indices, [length, 1], 'int32'), constant(indices, [1, length], 'int32'))
  const from = (x: Tensor) => reshape(x, [rows, 1, length, 1])
  const seen = reshape(segments, [rows, 1, 1, length])
  const own = where(equal(from(segments), seen), 0, FORBIDDEN)
  return where(later, FORBIDDEN, where(equal(from(parents), seen), 0, own))
}

export function scoreGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
): Record<string, Tensor> {
  return { logprobs: forwardRows(config, parameterInputs(specs), rows, length).logprobs }
}

/** Outputs: `loss`, `logprobs`, `entropies`, `statistic:<name>` and `gradient:<parameter>`. */
export function trainGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  objective: Objective,
): Record<string, Tensor> {
  const parameters = parameterInputs(specs)
  const { logprobs, entropies } = forwardRows(config, parameters, rows, length)
  const N = rows * length
  const weights = input('weights', [N])
  const mask = cast(not(equal(weights, 0)), 'float32')
  const sequences = input('sequences', [N], 'int64')
  const batch: TokenBatch = {
    logprobs,
    entropies,
    mask,
    input: (name) => input(`input:${name}`, [N]),
    sequenceMean(values) {
      const bySequence = (x: Tensor) => scatterAdd(N, sequences, mul(x, mask))
      return gather(div(bySequence(values), maximum(bySequence(mask), 1)), sequences)
    },
  }
  const { loss: loss_N, statistics } = objective.build(batch)
  const loss = sum(mul(weights, loss_N))
  const gradients = differentiate(
    loss,
    specs.map(({ name }) => parameters.get(name)!),
  )
  return {
    loss,
    logprobs,
    entropies,
    ...Object.fromEntries(Object.entries(statistics).map(([name, x]) => [`statistic:${name}`, x])),
    ...Object.fromEntries(specs.map(({ name }, i) => [`gradient:${name}`, gradients[i]!])),
  }
}

/** What the graphs above read from packed rows. `training` adds the objective's inputs. */
export function rowFeeds(arrays: RowArrays, rows: number, length: number, training?: Objective): Feeds {
  const N = rows * length
  const feeds: Feeds = {
    tokens: int64(arrays.tokens, [rows, length]),
    positions: int64(arrays.positions, [rows, length]),
    segments: int32(arrays.segments, [rows, length]),
    parents: int32(arrays.parents, [rows, length]),
    targets: int64(arrays.targets, [N]),
  }
  if (training === undefined) return feeds
  feeds.weights = float32(arrays.weights, [N])
  feeds.sequences = int64(arrays.sequences, [N])
  for (const [name, values] of Object.entries(arrays.inputs)) feeds[`input:${name}`] = float32(values, [N])
  return feeds
}
