/**
 * A reward model (paper.md §2.3): a language model whose head is one number, trained on pairs of responses of which one
 * was preferred (helpfulness) or on responses labelled good or bad (safety). The score of a response is the value after
 * its last token. How the two losses read is in objectives/preference.ts; the paper gives none.
 */

import type { ScalarModel, ValueDatum } from '../engine/scalar-model.ts'
import { joined } from '../engine/sequences.ts'
import type { ValueObjective } from '../objectives/objective.ts'
import { bradleyTerry, logistic } from '../objectives/preference.ts'
import { scheduleFactor } from '../objectives/schedule.ts'
import { randomStream } from '../random.ts'
import type { RewardModelConfig } from './reward-model-config.ts'

/** Two responses to one prompt, as token ids; the model reads the prompt and one of them. */
export interface PreferencePair {
  prompt: Int32Array
  chosen: Int32Array
  rejected: Int32Array
}

export interface LabelledResponse {
  prompt: Int32Array
  response: Int32Array
  /** 1 is good: safe, or right. */
  label: 0 | 1
}

/** All of one kind. */
export type RewardExamples = readonly PreferencePair[] | readonly LabelledResponse[]
type RewardExample = RewardExamples[number]

export interface RewardModelStep {
  /** Updates done, this one included. */
  step: number
  /** Of this update's examples, before it. */
  loss: number
  accuracy: number
  gradientNorm: number
  learningRate: number
}

export interface RewardModelOptions {
  model: ScalarModel
  config: RewardModelConfig
  seed: number
  examples: RewardExamples
  /** The step to go on from. */
  fromStep?: number
  onStep: (step: RewardModelStep) => void | Promise<void>
  signal?: AbortSignal | undefined
}

/** Updates of a training on this many examples. */
export const rewardModelSteps = ({ epochs, batchSize }: RewardModelConfig, examples: number): number =>
  epochs * Math.ceil(examples / batchSize)

export async function trainRewardModel(options: RewardModelOptions): Promise<void> {
  const { model, config, seed, signal } = options
  const examples: readonly RewardExample[] = options.examples
  const stepsAnEpoch = Math.ceil(examples.length / config.batchSize)
  const steps = rewardModelSteps(config, examples.length)
  let order: RewardExample[] = []
  let ordered = -1
  for (let step = options.fromStep ?? 0; step < steps && signal?.aborted !== true; step++) {
    const epoch = Math.floor(step / stepsAnEpoch)
    if (epoch !== ordered) order = randomStream(seed, 'reward-model', epoch).shuffle(examples)
    ordered = epoch
    const from = (step % stepsAnEpoch) * config.batchSize
    const { data, objective } = await batchOf(model, order.slice(from, from + config.batchSize))
    const { loss, statistics } = await model.forwardBackward(data, objective)
    const learningRate = config.learningRate * scheduleFactor(config, step, steps)
    const { gradientNorm } = await model.optimStep({ ...config, learningRate })
    await options.onStep({ step: step + 1, loss, accuracy: statistics.accuracy!, gradientNorm, learningRate })
  }
}

/** Weighted to the mean over the examples. */
async function batchOf(
  model: ScalarModel,
  examples: readonly RewardExample[],
): Promise<{ data: ValueDatum[]; objective: ValueObjective }> {
  const weight = 1 / examples.length
  const datum = (tokens: Int32Array, inputs: Record<string, number>): ValueDatum => {
    const atEnd = (value: number) => {
      const values = new Float32Array(tokens.length)
      values[tokens.length - 1] = value
      return values
    }
    const named = Object.entries(inputs).map(([name, value]) => [name, atEnd(value)])
    return { tokens, weights: atEnd(weight), inputs: Object.fromEntries(named) }
  }
  const sequences = examples.flatMap(sequencesOf)
  if (!isPair(examples[0]!))
    return {
      data: sequences.map((tokens, i) => datum(tokens, { labels: (examples[i] as LabelledResponse).label })),
      objective: logistic,
    }
  // A pair may fall into two micro-batches: each response is told the other's score beforehand.
  const scores = await scoreSequences(model, sequences)
  return {
    data: sequences.map((tokens, i) => datum(tokens, { side: i % 2 === 0 ? 1 : -1, rival: scores[i ^ 1]! })),
    objective: bradleyTerry,
  }
}

export const isPair = (example: RewardExample): example is PreferencePair => 'chosen' in example

/** What the model reads: of a pair the chosen response's sequence first. */
export function sequencesOf(example: RewardExample): Int32Array[] {
  const { prompt } = example
  const responses = isPair(example) ? [example.chosen, example.rejected] : [example.response]
  return responses.map((response) => joined(prompt, response))
}

/** The value after the last token of each. */
export async function scoreSequences(
  model: Pick<ScalarModel, 'values'>,
  sequences: readonly Int32Array[],
): Promise<number[]> {
  return (await model.values(sequences)).map((values) => values.at(-1)!)
}
