/**
 * The graphs of training and scoring over packed rows, of a language model and of a model with a scalar head: one
 * forward pass, and its gradient in the same graph.
 */
import { rowMask } from '../../graph/attention.ts'
import { differentiate } from '../../graph/differentiate.ts'
import {
  add,
  concat,
  exp,
  gatherElements,
  input,
  linear,
  logSoftmax,
  mul,
  neg,
  reshape,
  slice,
  state,
  sum,
} from '../../graph/operations.ts'
import { after, type Segment } from '../../graph/recompute.ts'
import { is, type Tensor, topologicalOrder } from '../../graph/tensor.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { type DecoderInputs, type DecoderOutputs, decoder, outputHead } from '../../model/decoder.ts'
import { type AdaptedMatrix, type Lora, withAdapters } from '../../model/lora.ts'
import { type ParameterSpec, SCALAR_HEAD } from '../../model/parameters.ts'
import type { Attend } from '../../model/parts/attend.ts'
import { ropeShape } from '../../model/rope.ts'
import { adamwStates } from '../../objectives/adamw-graph.ts'
import { type Objective, type ValueObjective, weightedLoss } from '../../objectives/objective.ts'
import type { Graph, Values } from '../../runtime/runtime.ts'
import type { RowArrays } from '../packing.ts'
import { type AuxiliaryWeights, auxiliaryLosses } from './auxiliary-losses.ts'
import { parameterInputs } from './weights.ts'

export interface TrainOptions {
  /** Low-rank adapters, which alone are trained; all parameters otherwise. */
  lora?: { settings: Lora; matrices: readonly AdaptedMatrix[] } | undefined
  /** Computes each layer a second time for the gradient, rather than keep what it computed. */
  recompute?: boolean
  /** Parts that the logits are computed in, one after the other; they divide the rows' length. */
  logitParts?: number
  /** Whether the runtime has kernels for attention. */
  fused?: boolean
  /** Losses besides the objective's; adapters are trained on the objective alone. */
  auxiliary?: AuxiliaryWeights
}

/** Logits of more bytes are computed in parts where nothing else is said. */
export const LOGIT_BYTES = 2 ** 27

/** As few parts as take no more bytes each, and divide the rows' length. */
export function logitPartsOf(
  { vocabularySize }: Pick<DecoderConfig, 'vocabularySize'>,
  rows: number,
  length: number,
  logitBytes: number,
): number {
  let parts = 2 ** Math.max(0, Math.ceil(Math.log2((4 * rows * length * vocabularySize) / logitBytes)))
  while (length % parts !== 0) parts /= 2
  return parts
}

interface DecodedRows {
  /** After the last norm [N, D]. */
  hidden_ND: Tensor
  /** The layers. */
  layers: Segment[]
  /** [R, T] */
  segments: Tensor
  /** The model without adapters. */
  inputs: DecoderInputs
  attend: Attend
  decoded: DecoderOutputs
}

/** Graph inputs for `rows` packed rows of `length` tokens, and the model up to its head. */
function decodeRows(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  { lora, fused = false }: Pick<TrainOptions, 'lora' | 'fused'>,
): DecodedRows {
  const parameters = parameterInputs(specs)
  const parameter = (name: string) => parameters.get(name)!
  const inputs: DecoderInputs = {
    tokens: input('tokens', [rows, length], 'int64'),
    positions: input('positions', [rows, length], 'int64'),
    cos: state('cos', ropeShape(config)),
    sin: state('sin', ropeShape(config)),
    parameter,
  }
  const segments = input('segments', [rows, length], 'int32')
  const parents = input('parents', [rows, length], 'int32')
  const attend: Attend = {
    kind: 'row',
    mask_R1TT: rowMask(segments, parents),
    fused: fused ? { segments, parents } : undefined,
  }
  const decoded = decoder(config, inputs, attend)
  const plain = [decoded.hidden_ND, ...decoded.stream]
  const [hidden_ND, ...stream] =
    lora === undefined ? plain : withAdapters(plain, lora.matrices, lora.settings)
  return {
    hidden_ND: hidden_ND!,
    layers: stream.slice(1).map((to, layer) => ({ from: stream[layer]!, to: [to] })),
    segments,
    inputs,
    attend,
    decoded,
  }
}

interface RowScores extends DecodedRows {
  /** [N] each. */
  logprobs: Tensor
  entropies: Tensor
  targets: Tensor
  /** Parts of the head, where there are several. */
  chunks: Segment[]
}

function forwardRows(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  options: Omit<TrainOptions, 'recompute' | 'auxiliary'>,
): RowScores {
  const decodedRows = decodeRows(config, specs, rows, length, options)
  const { hidden_ND, inputs } = decodedRows
  const N = rows * length
  const targets = input('targets', [N], 'int64')
  const { logitParts = 1 } = options
  const size = rows * (length / logitParts)
  const chunks: Segment[] = []
  for (let start = 0; start < N; start += size) {
    const end = start + size
    const part = slice(hidden_ND, 0, start, end)
    // One chunk's logits at a time: each waits for what the last one was for.
    const from = start === 0 ? part : after(part, chunks.at(-1)!.to)
    const all_CV = logSoftmax(outputHead(config, from, inputs.parameter))
    const wanted = reshape(slice(targets, 0, start, end), [size, 1])
    const logprobs = reshape(gatherElements(all_CV, wanted), [size])
    chunks.push({ from, to: [logprobs, neg(sum(mul(exp(all_CV), all_CV), [-1]))] })
  }
  return {
    ...decodedRows,
    logprobs: concat(
      chunks.map(({ to }) => to[0]!),
      0,
    ),
    entropies: concat(
      chunks.map(({ to }) => to[1]!),
      0,
    ),
    targets,
    chunks: chunks.length > 1 ? chunks : [],
  }
}

export function scoreGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  options: TrainOptions,
): Graph {
  return { outputs: { logprobs: forwardRows(config, specs, rows, length, options).logprobs } }
}

/**
 * Outputs: `loss` (the objective's alone), `logprobs`, `entropies`, `statistic:<name>` and those of the auxiliary losses. Each
 * trained parameter's gradient is added to its state.
 */
export function trainGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  objective: Objective,
  options: TrainOptions,
): Graph {
  const forward = forwardRows(config, specs, rows, length, options)
  const { logprobs, entropies, segments, targets, layers, chunks } = forward
  const N = rows * length
  const sequences = input('sequences', [N], 'int64')
  const { loss, statistics, weights } = weightedLoss(objective, { logprobs, entropies }, sequences, N)
  const { lora, auxiliary = { balance: 0, prediction: 0 } } = options
  const extra =
    lora === undefined
      ? auxiliaryLosses(config, forward, { segments, sequences, targets, weights }, auxiliary)
      : undefined
  const total = extra === undefined ? loss : add(loss, extra.loss)
  const trained =
    lora?.matrices.flatMap(({ a, b }): ParameterSpec[] => [a, b]) ?? specs.filter(({ buffer }) => !buffer)
  return {
    outputs: { loss, logprobs, entropies, ...named('statistic', statistics), ...extra?.outputs },
    assign: addedGradients(total, trained, [...(options.recompute ? layers : []), ...chunks]),
  }
}

/** Output: `values`, of a scalar model after each token. */
export function valueGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  options: Pick<TrainOptions, 'fused'> = {},
): Graph {
  return { outputs: { values: scalarHead(decodeRows(config, specs, rows, length, options)) } }
}

/** Outputs: `loss`, `values` and `statistic:<name>`; gradients as `trainGraph` has them. */
export function valueTrainGraph(
  config: DecoderConfig,
  specs: readonly ParameterSpec[],
  rows: number,
  length: number,
  objective: ValueObjective,
  { recompute = false, fused = false }: Pick<TrainOptions, 'recompute' | 'fused'> = {},
): Graph {
  const decoded = decodeRows(config, specs, rows, length, { fused })
  const values = scalarHead(decoded)
  const N = rows * length
  const sequences = input('sequences', [N], 'int64')
  const { loss, statistics } = weightedLoss(objective, { values }, sequences, N)
  const trained = specs.filter(({ buffer }) => !buffer)
  return {
    outputs: { loss, values, ...named('statistic', statistics) },
    assign: addedGradients(loss, trained, recompute ? decoded.layers : []),
  }
}

const scalarHead = ({ hidden_ND, inputs }: DecodedRows): Tensor =>
  reshape(linear(hidden_ND, inputs.parameter(SCALAR_HEAD)), [hidden_ND.shape[0]!])

const named = (kind: string, tensors: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [`${kind}:${name}`, x]))

/** The gradients' states, each with this graph's gradient added. */
function addedGradients(
  loss: Tensor,
  trained: readonly ParameterSpec[],
  segments: readonly Segment[],
): Record<string, Tensor> {
  const gradients = differentiate(loss, inputsOf(loss, trained), segments)
  return Object.fromEntries(
    trained.map(({ name, shape }, i) => {
      const own = adamwStates(name).gradient
      return [own, add(state(own, shape), gradients[i]!)]
    }),
  )
}

/** The graph's own inputs of these parameters' names. */
function inputsOf(loss: Tensor, specs: readonly ParameterSpec[]): Tensor[] {
  const byName = new Map(
    topologicalOrder([loss]).flatMap((x) => (is(x, 'input') ? [[x.attributes.name, x] as const] : [])),
  )
  return specs.map(({ name, shape }) => byName.get(name) ?? state(name, shape))
}

/** What the graphs above read from packed rows. `training` adds weights and the objective's inputs. */
export function rowFeeds(arrays: RowArrays, training = false): Record<string, Values> {
  const { tokens, positions, segments, parents, targets, weights, sequences, inputs } = arrays
  const feeds = { tokens, positions, segments, parents, targets }
  if (!training) return feeds
  const given = Object.entries(inputs).map(([name, values]) => [`input:${name}`, values])
  return { ...feeds, weights, sequences, ...Object.fromEntries(given) }
}
