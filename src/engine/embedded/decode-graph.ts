/** The graphs of sampling: prefill (a prompt's keys and values) and decode (one more token for every slot). */
import { FORBIDDEN, filledMask } from '../../graph/attention.ts'
import {
  add,
  arange,
  cast,
  constant,
  draw,
  expand,
  gatherElements,
  input,
  less,
  logSoftmax,
  mul,
  reshape,
  scalar,
  slice,
  softmax,
  state,
  topK,
  where,
  writeRows,
} from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import { architectureOf } from '../../model/architectures.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { decoder, outputHead } from '../../model/decoder.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import type { Attend } from '../../model/parts/attend.ts'
import { ropeShape } from '../../model/rope.ts'
import type { Graph } from '../../runtime/runtime.ts'
import type { TokenLogprob } from '../engine.ts'
import { parameterInputs } from './weights.ts'

export function graphInputs(
  config: DecoderConfig,
  parameters: Map<string, Tensor>,
  rows: number,
  length: number,
) {
  return {
    tokens: input('tokens', [rows, length], 'int64'),
    positions: input('positions', [rows, length], 'int64'),
    cos: state('cos', ropeShape(config)),
    sin: state('sin', ropeShape(config)),
    parameter: (name: string) => parameters.get(name)!,
  }
}

/** Assigns `prefilled:<layer>:<plane>` [rows, heads, length, size], as the cache keeps it, of right-padded prompts. */
export function prefillGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  fused = false,
): Graph {
  const inputs = graphInputs(config, parameterInputs(specs), rows, length)
  const { cached } = decoder(config, inputs, promptRows(rows, length, fused))
  return { assign: Object.fromEntries(cached.map((x, i) => [planeName('prefilled', config, i), x])) }
}

/**
 * `drawn` [slots, 3] (see `draw`), from the cache of `capacity` positions in `past:<layer>:<plane>`, of which slot b has
 * filled `positions[b]`, and to which the token's own are written. With `alternatives`, also the `likeliest` tokens
 * [slots, alternatives], and their `likeliestLogprobs`. `ahead`: the graph can be run for several tokens at once.
 */
export function decodeGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  slots: number,
  capacity: number,
  alternatives = 0,
  fused = false,
  ahead = false,
): Graph {
  const parameters = parameterInputs(specs)
  const common = graphInputs(config, parameters, slots, 1)
  const layers = pastLayers(config, 'past', config.numLayers, slots, capacity)
  const { hidden_ND, cached } = decoder(config, common, {
    kind: 'cache',
    layers,
    mask_R11C: filledMask(startsOf(common.positions), capacity),
    fused: fused ? { starts: startsOf(common.positions) } : undefined,
  })
  const scores = drawn(outputHead(config, hidden_ND, common.parameter))
  return {
    outputs: { drawn: scores.drawn, ...likeliestOf(scores.logprobs, alternatives) },
    assign: written(config, 'past', layers.flat(), common.positions, cached),
    ...(ahead && {
      carry: {
        tokens: cast(slice(scores.drawn, 1, 0, 1), 'int64'),
        positions: add(common.positions, scalar(1, 'int64')),
      },
    }),
  }
}

/** A token for each row of logits, by the state `sampling` [rows, 3]: 1 / temperature, top-k and top-p. */
export function drawn(logits: Tensor): { drawn: Tensor; logprobs: Tensor } {
  const rows = logits.shape[0]!
  const options = state('sampling', [rows, 3])
  const inverse = slice(options, 1, 0, 1)
  const logprobs = logSoftmax(logits)
  // Greedy rows have no weights; the factor only must be a number.
  const weights = softmax(mul(logits, where(less(0, inverse), inverse, 1)))
  return { drawn: draw(logprobs, weights, options, input('uniforms', [rows])), logprobs }
}

/** `likeliest` tokens [rows, count] and their `likeliestLogprobs`, where any are wanted. */
export function likeliestOf(logprobs: Tensor, count: number): Record<string, Tensor> {
  if (count === 0) return {}
  const likeliest = topK(logprobs, count)
  return { likeliest, likeliestLogprobs: gatherElements(logprobs, likeliest) }
}

/** As many of the likeliest tokens as are asked for, in few different numbers, since each makes a graph of its own. */
export const alternativesBucket = (asked: number, vocabularySize: number): number =>
  asked === 0 ? 0 : Math.min(vocabularySize, 2 ** Math.ceil(Math.log2(asked)))

/** The first `count` of them at row `row`, of a run of a graph with `alternatives`. */
export const readLikeliest = (
  { likeliest, likeliestLogprobs }: Readonly<Record<string, Float32Array>>,
  alternatives: number,
  row: number,
  count: number,
): TokenLogprob[] =>
  Array.from({ length: Math.min(count, alternatives) }, (_, i) => ({
    token: likeliest![row * alternatives + i]!,
    logprob: likeliestLogprobs![row * alternatives + i]!,
  }))

/** The keys and values of given tokens in the caches, each from its row's first position on. */
export function written(
  config: DecoderConfig,
  cache: string,
  past: readonly Tensor[],
  positions: Tensor,
  cached: readonly Tensor[],
): Record<string, Tensor> {
  const starts = startsOf(positions)
  return Object.fromEntries(
    cached.map((rows, i) => [planeName(cache, config, i), writeRows(past[i]!, starts, rows)]),
  )
}

/** The name of plane `i`, counted over all layers. */
export function planeName(cache: string, config: DecoderConfig, i: number): string {
  const { planes } = architectureOf(config).cache
  return `${cache}:${Math.floor(i / planes)}:${i % planes}`
}

/** Prompts, each token of which sees those before it. */
export function promptRows(rows: number, length: number, fused: boolean): Attend {
  const all = (value: number) => expand(constant([value], [1, 1], 'int32'), [rows, length])
  const [segments, parents] = [all(0), all(-2)]
  return {
    kind: 'row',
    mask_R1TT: causalMask(length),
    fused: fused ? { segments, parents } : undefined,
  }
}

/** 0 for tokens up to one's own: [1, 1, length, length]. */
function causalMask(length: number): Tensor {
  const later = less(arange([length, 1], 'int32'), arange([1, length], 'int32'))
  return reshape(where(later, FORBIDDEN, 0), [1, 1, length, length])
}

/** The first position of each row of [rows, length]. */
export const startsOf = (positions: Tensor): Tensor =>
  reshape(slice(positions, 1, 0, 1), [positions.shape[0]!])

/** The planes of a cache of `numLayers` layers, as a graph reads them. */
export function pastLayers(
  config: DecoderConfig,
  cache: string,
  numLayers: number,
  slots: number,
  capacity: number,
): Tensor[][] {
  const { planes, heads, size } = architectureOf(config).cache
  return Array.from({ length: numLayers }, (_, layer) =>
    Array.from({ length: planes }, (_, plane) =>
      state(planeName(cache, config, layer * planes + plane), [slots, heads, capacity, size]),
    ),
  )
}
