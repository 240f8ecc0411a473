/**
 * A reward model (R1 v2 S3.1): a language model whose head is one number, trained on pairs of responses of which one
 * was preferred (helpfulness) or on responses labelled good or bad (safety). The score of a response is the value after
 * its last token. How the two losses read is in objectives/preference.ts; the paper gives none. Labels may also stand
 * within a response, after each of its steps: a process reward model (R1 §4.2).
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

export interface LabelledSteps {
  prompt: Int32Array
  response: Int32Array
  /** The response's tokens after which a label stands. */
  steps: readonly { at: number; label: 0 | 1 }[]
}

/** All of one kind. */
export type RewardExamples = readonly PreferencePair[] | readonly LabelledResponse[]
export type StepExamples = readonly LabelledSteps[]
export type RewardExample = RewardExamples[number] | LabelledSteps

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
  examples: RewardExamples | StepExamples
  /** The step to continue from. */
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

/** Weighted to the mean over pairs or labels. */
async function batchOf(
  model: ScalarModel,
  examples: readonly RewardExample[],
): Promise<{ data: ValueDatum[]; objective: ValueObjective }> {
  const sequences = examples.flatMap(judgedSequences)
  const places = sequences.reduce((total, { at }) => total + at.length, 0)
  const datum = (
    { tokens, at }: JudgedSequence,
    weight: number,
    inputs: Record<string, readonly number[]>,
  ): ValueDatum => {
    const placed = (values: readonly number[]) => {
      const all = new Float32Array(tokens.length)
      for (const [i, value] of values.entries()) all[at[i]!] = value
      return all
    }
    const named = Object.entries(inputs).map(([name, values]) => [name, placed(values)])
    return { tokens, weights: placed(at.map(() => weight)), inputs: Object.fromEntries(named) }
  }
  if (!isPair(examples[0]!))
    return {
      data: sequences.map((sequence) => datum(sequence, 1 / places, { labels: sequence.labels })),
      objective: logistic,
    }
  // A pair may fall into two micro-batches: each response is told the other's score beforehand.
  const scores = await scorePlaces(model, sequences)
  return {
    data: sequences.map((sequence, i) =>
      datum(sequence, 2 / places, { side: [i % 2 === 0 ? 1 : -1], rival: scores[i ^ 1]! }),
    ),
    objective: bradleyTerry,
  }
}

/** Those that are no longer than `maxTokens`, prompt included (R1 v2 S3.1: 8,192 in training); of a pair both responses. */
export const withinLength = (examples: RewardExamples, maxTokens: number): RewardExamples =>
  examples.filter((example: RewardExample) =>
    judgedSequences(example).every(({ tokens }) => tokens.length <= maxTokens),
  ) as unknown as RewardExamples

export const isPair = (example: RewardExample): example is PreferencePair => 'chosen' in example

/** What the model reads, and where its value counts. */
export interface JudgedSequence {
  tokens: Int32Array
  at: number[]
  /** Of each place; none for a pair's. */
  labels: number[]
}

/** Of a pair the chosen response's sequence first. */
export function judgedSequences(example: RewardExample): JudgedSequence[] {
  const { prompt } = example
  const sequence = (response: Int32Array, at: number[], labels: number[] = []) => ({
    tokens: joined(prompt, response),
    at: at.map((place) => prompt.length + place),
    labels,
  })
  const ofWhole = (response: Int32Array, labels?: number[]) =>
    sequence(response, [response.length - 1], labels)
  if (isPair(example)) return [ofWhole(example.chosen), ofWhole(example.rejected)]
  if ('label' in example) return [ofWhole(example.response, [example.label])]
  const { response, steps } = example
  return [
    sequence(
      response,
      steps.map(({ at }) => at),
      steps.map(({ label }) => label),
    ),
  ]
}

/** The values at the places of each sequence. */
export async function scorePlaces(
  model: Pick<ScalarModel, 'values'>,
  sequences: readonly Pick<JudgedSequence, 'tokens' | 'at'>[],
): Promise<number[][]> {
  const values = await model.values(sequences.map(({ tokens }) => tokens))
  return sequences.map(({ at }, i) => at.map((place) => values[i]![place]!))
}
