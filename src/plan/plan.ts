/**
 * What an R1-Zero run would take on a cluster, by arithmetic alone: nothing runs. Sampling, scoring and training take
 * turns on all accelerators and make room for each other, as the paper has it (R1 v2 SB.1).
 *
 * Sampling: lengths are exponentially distributed and cut at the limit. At each position the step takes what reading
 * weights and caches takes, or what multiplying takes, and a delay a layer; it runs until the longest response of the
 * rollout ends. Scoring and training: FLOPs over a share of the peak. `accelerators.ts` has the constants.
 */

import { adapters } from '../algorithms/lora-config.ts'
import { ConfigError } from '../errors.ts'
import type { DecoderConfig } from '../model/config.ts'
import type { R1ZeroConfig } from '../recipes/r1-zero.ts'
import { type Accelerator, ASSUMPTIONS, NODE } from './accelerators.ts'
import { BF16, type ModelCosts, modelCosts } from './model-costs.ts'

export interface Cluster {
  accelerator: Accelerator
  /** The fewest that hold the run where it is undefined. */
  count?: number
  /** USD an accelerator-hour, in place of the accelerator's own. */
  price?: number
}

export interface Workload {
  /** Before lengths are cut at the limit. */
  meanTokens?: number
  promptTokens?: number
}

export interface Plan {
  parameters: number
  activeParameters: number
  trainedParameters: number
  steps: number
  rollouts: number
  responsesPerRollout: number
  sampledTokens: number
  trainedTokens: number
  accelerators: number
  /** Accelerators that one copy of the sampler's weights is spread over. */
  samplerSize: number
  /** GB an accelerator; what sampling leaves is for its cache. */
  memory: { available: number; training: number; sampling: number }
  /** Of one rollout. */
  seconds: { sampling: number; scoring: number; training: number; moving: number }
  hours: number
  acceleratorHours: number
  /** USD; undefined where the price is not known. */
  cost: number | undefined
}

const GB = 1e9
const TERA = 1e12

export function planR1Zero(
  { grpo, lora }: Pick<R1ZeroConfig, 'grpo' | 'lora'>,
  shape: DecoderConfig,
  cluster: Cluster,
  workload: Workload = {},
): Plan {
  const costs = modelCosts(shape, adapters(lora))
  const { promptTokens = ASSUMPTIONS.promptTokens.value } = workload
  const { meanTokens = grpo.maxTokens * ASSUMPTIONS.lengthShare.value } = workload
  if (promptTokens + grpo.maxTokens > shape.maxPositions)
    throw new ConfigError('prompt and response do not fit into the model.', {
      field: 'grpo.maxTokens',
      value: grpo.maxTokens,
      expected: `at most ${shape.maxPositions - promptTokens} behind a prompt of ${promptTokens}`,
    })
  const { accelerator } = cluster
  const size = samplerSize(costs, accelerator)
  const longest = promptTokens + grpo.maxTokens
  const memory = (count: number) => memoryPlan(costs, count, size, longest)
  const fewest = fewestThat(
    (count) => count >= size && memory(count).training <= ASSUMPTIONS.memoryShare.value * accelerator.memory,
  )
  const { count = fewest } = cluster
  if (count < fewest)
    throw new ConfigError('too few to hold the run.', {
      field: '--gpus',
      value: count,
      expected: `at least ${fewest} of ${accelerator.memory} GB`,
    })
  const held = memory(count)

  const responses = grpo.questionsPerStep * grpo.minibatches * grpo.groupSize
  const rollouts = grpo.steps / (grpo.minibatches * grpo.innerEpochs)
  const responseTokens = responses * meanTokens * (1 - Math.exp(-grpo.maxTokens / meanTokens))
  const passTokens = responseTokens + responses * promptTokens
  const forward = passTokens * forwardFlops(costs, promptTokens + meanTokens)
  const speed = count * accelerator.compute * TERA * ASSUMPTIONS.computeShare.value
  const passes = (grpo.klWeight > 0 ? 1 : 0) + (grpo.importanceCap === null ? 0 : 1)
  const seconds = {
    sampling: samplingSeconds(costs, accelerator, size, {
      promptTokens,
      meanTokens,
      maxTokens: grpo.maxTokens,
      responses: responses / Math.floor(count / size),
      all: responses,
    }),
    scoring: (passes * forward) / speed,
    training: (3 * grpo.innerEpochs * forward) / speed,
    // Training's state leaves and comes back, the sampler's weights come.
    moving: (2 * held.state + held.sampling) / ASSUMPTIONS.hostBandwidth.value,
  }
  const hours = (rollouts * Object.values(seconds).reduce((sum, s) => sum + s, 0)) / 3600
  const { price = accelerator.price } = cluster
  return {
    parameters: costs.parameters,
    activeParameters: costs.activeParameters,
    trainedParameters: costs.trainedParameters,
    steps: grpo.steps,
    rollouts,
    responsesPerRollout: responses,
    sampledTokens: rollouts * responseTokens,
    trainedTokens: rollouts * grpo.innerEpochs * passTokens,
    accelerators: count,
    samplerSize: size,
    memory: { available: accelerator.memory, training: held.training, sampling: held.sampling },
    seconds,
    hours,
    acceleratorHours: hours * count,
    cost: price === undefined ? undefined : hours * count * price,
  }
}

/** Of one accelerator, in GB. */
function memoryPlan(costs: ModelCosts, count: number, sampler: number, longest: number) {
  const { parameters, trainedParameters, numLayers, hiddenSize } = costs
  // BF16 weights; a float32 copy, gradient and two moments of what is trained. All are spread over all accelerators.
  const state = (BF16 * parameters + 16 * trainedParameters) / count / GB
  // The inputs of all layers, and one layer computed again, 34 bytes for each of its channels (arXiv 2205.05198).
  const activations = ((BF16 * numLayers + 34) * hiddenSize * longest) / Math.min(NODE, count) / GB
  return { state, training: state + activations, sampling: (BF16 * parameters) / sampler / GB }
}

/** Accelerators that leave two fifths of their memory to the cache of a sampler. */
function samplerSize({ parameters }: ModelCosts, { memory }: Accelerator): number {
  let size = 1
  while ((BF16 * parameters) / size > 0.6 * memory * GB) size *= 2
  return size
}

/** 1, 2, 4, or whole nodes. */
function fewestThat(fits: (count: number) => boolean): number {
  for (let count = 1; count <= MOST; count += Math.min(count, NODE)) if (fits(count)) return count
  throw new ConfigError('no number of these accelerators holds a response of this length.', {
    field: 'grpo.maxTokens',
    remedy: 'Shorten it, or take accelerators with more memory.',
  })
}

/** Far beyond the state of any model: what does not fit then are the activations of one response. */
const MOST = 65_536

/** Of one token behind `context` others on average. */
const forwardFlops = ({ activeParameters, attentionFlops }: ModelCosts, context: number) =>
  2 * activeParameters + attentionFlops * context

interface Lengths {
  promptTokens: number
  meanTokens: number
  maxTokens: number
  /** Of one sampler, and of all, whose longest they wait for. */
  responses: number
  all: number
}

const SLICES = 1024
const EULER = 0.5772156649

/** Seconds until the longest response of a rollout ends. */
function samplingSeconds(
  costs: ModelCosts,
  { memory, bandwidth, compute }: Accelerator,
  size: number,
  { promptTokens, meanTokens, maxTokens, responses, all }: Lengths,
): number {
  const { bandwidthShare, layerMicroseconds, expertMicroseconds, acceptedTokens, memoryShare, computeShare } =
    ASSUMPTIONS
  const { parameters, expertParameters, expertShare, numLayers, expertLayers, cacheBytes } = costs
  const capacity = memoryShare.value * size * memory * GB - BF16 * parameters
  const reading = size * bandwidth * TERA * bandwidthShare.value
  const multiplying = size * compute * TERA * computeShare.value
  const waiting =
    (numLayers * layerMicroseconds.value + (size > NODE ? expertLayers * expertMicroseconds.value : 0)) / 1e6
  const last = Math.min(maxTokens, meanTokens * (Math.log(all) + EULER))
  const slice = last / SLICES
  let seconds = 0
  for (let position = slice / 2; position < last; position += slice) {
    const alive = Math.max(1, responses * Math.exp(-position / meanTokens))
    const cache = alive * (promptTokens + position) * cacheBytes
    // What does not fit at once is decoded in turns.
    const turns = Math.max(1, cache / capacity)
    const touched = 1 - (1 - expertShare) ** (alive / turns)
    const weights = BF16 * (parameters - expertParameters * (1 - touched))
    const read = (weights * turns + cache) / reading
    const multiplied = (alive * forwardFlops(costs, promptTokens + position)) / multiplying
    seconds += slice * (Math.max(read, multiplied) + waiting * turns)
  }
  return seconds / (costs.predictionModule ? acceptedTokens.value : 1)
}
