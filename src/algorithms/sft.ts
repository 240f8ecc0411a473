/**
 * Supervised fine-tuning (R1 v2 SB.4.2): cross-entropy on the tokens of responses, those of prompts are only read.
 * Cold start, the fine-tuning after rejection sampling, and distillation are this on different data.
 *
 * What the paper does not state: the loss is a mean over the response tokens of an update, so that each token counts
 * the same; the engine packs examples into rows.
 */
import type { Datum, Engine, Policy } from '../engine/engine.ts'
import { joined } from '../engine/sequences.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import { scheduleFactor } from '../objectives/schedule.ts'
import { randomStream } from '../random.ts'
import type { SftConfig } from './sft-config.ts'

export interface SftExample {
  /** Token ids, template included. */
  prompt: Int32Array
  /** Token ids, the end token included. */
  response: Int32Array
}

export interface SftStep {
  /** Updates done, this one included. */
  step: number
  /** Passes over the data, 1.5 in the middle of the second. */
  epoch: number
  /** Mean negative log-likelihood of the update's response tokens, nats. */
  loss: number
  /** The same of the validation examples, after the last update of an epoch. */
  validationLoss?: number
  learningRate: number
  gradientNorm: number
  /** Response tokens of the update. */
  tokens: number
}

export interface SftOptions {
  engine: Engine
  config: SftConfig
  seed: number
  examples: readonly SftExample[]
  validation?: readonly SftExample[]
  /** The step to continue from. */
  fromStep?: number
  signal?: AbortSignal | undefined
  onStep: (step: SftStep) => void | Promise<void>
}

export function sftSteps({ epochs, batchSize }: SftConfig, numExamples: number): number {
  return epochs * Math.ceil(numExamples / batchSize)
}

/** Update `s` sees the same examples in every run of a seed, wherever it was resumed. */
export async function sft(options: SftOptions): Promise<void> {
  const { engine, config, seed, examples, validation = [], signal, onStep } = options
  const perEpoch = Math.ceil(examples.length / config.batchSize)
  const steps = sftSteps(config, examples.length)
  for (let step = options.fromStep ?? 0; step < steps && signal?.aborted !== true; step++) {
    const order = randomStream(seed, 'sft', Math.floor(step / perEpoch)).shuffle(examples)
    const from = (step % perEpoch) * config.batchSize
    const { batch, tokens } = responseBatch(order.slice(from, from + config.batchSize))
    const { loss } = await engine.forwardBackward(batch, crossEntropy)
    const learningRate = config.learningRate * scheduleFactor(config, step, steps)
    const { gradientNorm } = await engine.optimStep({ ...config, learningRate })
    const whole = (step + 1) % perEpoch === 0 && validation.length > 0
    await onStep({
      step: step + 1,
      epoch: (step + 1) / perEpoch,
      loss,
      ...(whole && { validationLoss: await responseLoss(engine, validation) }),
      learningRate,
      gradientNorm,
      tokens,
    })
  }
}

/** Mean negative log-likelihood of all response tokens, nats. */
export async function responseLoss(policy: Policy, examples: readonly SftExample[]): Promise<number> {
  const logprobs = await policy.logprobs(examples.map(sequenceOf))
  let sum = 0
  let tokens = 0
  for (const [i, { prompt }] of examples.entries()) {
    const ofResponse = logprobs[i]!.subarray(prompt.length - 1)
    for (const logprob of ofResponse) sum -= logprob
    tokens += ofResponse.length
  }
  return sum / tokens
}

function responseBatch(examples: readonly SftExample[]): { batch: Datum[]; tokens: number } {
  const tokens = examples.reduce((sum, { response }) => sum + response.length, 0)
  const batch = examples.map((example): Datum => {
    const sequence = sequenceOf(example)
    const weights = new Float32Array(sequence.length - 1).fill(1 / tokens, example.prompt.length - 1)
    return { tokens: sequence, weights }
  })
  return { batch, tokens }
}

const sequenceOf = ({ prompt, response }: SftExample) => joined(prompt, response)
