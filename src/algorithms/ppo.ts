/**
 * PPO with a critic (arXiv 1707.06347), which the paper compares GRPO with (R1 v2 SA.3): the same questions, rewards
 * and updates as grpo.ts, but a second model of the policy's size says after each token what reward it expects, and
 * advantages are estimated from that, token by token, in place of a comparison within the group.
 *
 * Where this differs from GRPO besides, as the paper describes it:
 * 1. The KL penalty is in the reward of each token, so that it adds up over a response.
 * 2. Advantages are brought to mean 0 and deviation 1 over the whole rollout.
 */

import type { Datum } from '../engine/engine.ts'
import type { ScalarModel, ValueDatum } from '../engine/scalar-model.ts'
import { joined, placed } from '../engine/sequences.ts'
import { generalizedAdvantages, whitened } from '../objectives/generalized-advantages.ts'
import { policyGradient } from '../objectives/policy-gradient.ts'
import { scheduleFactor } from '../objectives/schedule.ts'
import { clippedValueLoss } from '../objectives/value-loss.ts'
import { rewardWeights } from '../rewards/reward.ts'
import type { Rollout } from '../rollout/rollout.ts'
import { sampleGroups } from '../rollout/sample-groups.ts'
import type { GrpoOptions, GrpoStep } from './grpo.ts'
import { minibatch } from './minibatch.ts'
import { checkPpo, type PpoConfig } from './ppo-config.ts'
import { renewedReference } from './reference.ts'
import { checkJudged, type Dropped, unjudgedInto } from './rollout-schedule.ts'
import { type RolloutStatistics, rolloutStatistics } from './rollout-statistics.ts'
import { updateMetrics } from './update-metrics.ts'

export interface PpoOptions extends Omit<GrpoOptions, 'config' | 'onStep' | 'sampler' | 'begun'> {
  config: PpoConfig
  critic: ScalarModel
  onStep: (step: PpoStep) => void | Promise<void>
}

export interface PpoStep extends GrpoStep {
  /** `criticSeconds`, part of the others: asking the critic on a rollout's first update, and training it on every one. */
  timing: GrpoStep['timing'] & { criticSeconds: number }
}

export async function ppo(options: PpoOptions): Promise<void> {
  const { engine, critic, config, seed, signal } = options
  checkPpo(config)
  const objective = policyGradient({ ...config, klWeight: 0 })
  const valueLoss = clippedValueLoss(config.critic.valueClip)
  const numQuestions = config.questionsPerStep * config.minibatches
  const updatesPerRollout = config.minibatches * config.innerEpochs
  let reference = config.klWeight > 0 ? (options.reference ?? (await engine.snapshot())) : undefined

  let step = options.fromStep ?? 0
  while (step < config.steps && signal?.aborted !== true) {
    const started = performance.now()
    const rollout = step / updatesPerRollout
    const asked = Array.from({ length: numQuestions }, (_, i) => options.question(rollout * numQuestions + i))
    const { maxTokens, temperature, topP } = config
    let verifySeconds = 0
    const onVerified = (seconds: number) => {
      verifySeconds = seconds
    }
    const dropped: Dropped = { groups: 0, tokens: 0, unjudged: 0 }
    const sampler = {
      ...options,
      policy: engine,
      step,
      sampling: { maxTokens, temperature, topP },
      onVerified,
      onUnjudged: unjudgedInto(dropped),
    }
    const groups = await sampleGroups(sampler, asked, config.groupSize, `${seed}/rollout/${rollout}/0`)
    if (signal?.aborted) {
      await options.onStop?.({ step, reference })
      break
    }
    checkJudged({ groups, dropped })
    const sampled = performance.now()
    const rollouts = groups.flatMap((group) => group.rollouts)
    const sequences = rollouts.map(({ prompt, tokens }) => joined(prompt, tokens))
    const promptLengths = rollouts.map(({ prompt }) => prompt.length)
    const referenceLogprobs = await reference?.logprobs(sequences, promptLengths)
    const referenced = performance.now()
    const values = await critic.values(sequences)
    const asking = (performance.now() - referenced) / 1000
    const examples = estimate(rollouts, sequences, values, referenceLogprobs, options)
    const scored = performance.now()

    const statistics: RolloutStatistics & { kl: number } = {
      ...rolloutStatistics(groups, dropped.tokens),
      ...rewardWeights(options.rewards, step),
      ...(dropped.unjudged > 0 && { unjudgedGroups: dropped.unjudged }),
      explainedVariance: explainedVariance(examples),
      kl: meanOf(examples.map(({ penalties }) => penalties)),
    }
    let trainingStarted = scored
    for (let turn = 0; turn < updatesPerRollout && step < config.steps; turn++) {
      const chosen = minibatch(examples, config, turn, seed, rollout)
      const rate = scheduleFactor(config, step, config.steps)
      const gradient = await engine.forwardBackward(chosen.map(policyDatum), objective)
      const learningRate = config.learningRate * rate
      const update = await engine.optimStep({ ...config, learningRate })

      const criticStarted = performance.now()
      const judged = await critic.forwardBackward(criticData(chosen.map(({ example }) => example)), valueLoss)
      const criticRate = config.critic.learningRate * rate
      const criticStep = await critic.optimStep({ ...config, learningRate: criticRate })
      const criticSeconds = (performance.now() - criticStarted) / 1000
      step++
      reference = await renewedReference(reference, engine, step, config)
      const now = performance.now()
      const first = turn === 0
      await options.onStep({
        step,
        metrics: {
          ...statistics,
          ...updateMetrics(gradient, update, learningRate),
          valueLoss: judged.loss,
          criticGradientNorm: criticStep.gradientNorm,
          ...(criticStep.dropped && { droppedUpdate: 1 }),
        },
        timing: {
          sampleSeconds: first ? (sampled - started) / 1000 : 0,
          verifySeconds: first ? verifySeconds : 0,
          scoreSeconds: first ? (scored - sampled) / 1000 : 0,
          trainSeconds: (now - trainingStarted) / 1000,
          tokensPerSecond: (statistics.sampledTokens / (sampled - started)) * 1000,
          criticSeconds: criticSeconds + (first ? asking : 0),
        },
      })
      trainingStarted = performance.now()
    }
    const advantages = examples.map((example) => meanOf([example.advantages]))
    let next = 0
    await options.onRollout?.({
      step,
      reference,
      groups: groups.map((group) => ({
        ...group,
        advantages: group.rollouts.map(() => advantages[next++]!),
      })),
    })
  }
  reference?.close()
}

/** A response ready for training. What is per token is as long as the response. */
interface Example {
  rollout: Rollout
  /** Prompt and response. */
  tokens: Int32Array
  /** What the critic said before each token. */
  values: Float32Array
  /** log π_old − log π_ref of each token. */
  penalties: Float64Array
  advantages: Float64Array
  returns: Float64Array
}

/** The reward of a response is its last token's; every token pays for leaving the reference. */
function estimate(
  rollouts: readonly Rollout[],
  sequences: readonly Int32Array[],
  values: readonly Float32Array[],
  referenceLogprobs: readonly Float32Array[] | undefined,
  { config }: PpoOptions,
): Example[] {
  const examples = rollouts.map((rollout, i): Example => {
    const { prompt, tokens, logprobs, reward } = rollout
    const start = prompt.length - 1
    const said = values[i]!.subarray(start, -1)
    const reference = referenceLogprobs?.[i]?.subarray(start)
    const penalties = Float64Array.from(logprobs, (logprob, t) => (reference ? logprob - reference[t]! : 0))
    const rewards = penalties.map(
      (penalty, t) => (t === tokens.length - 1 ? reward : 0) - config.klWeight * penalty,
    )
    const estimated = generalizedAdvantages(rewards, said, config.critic)
    return { rollout, tokens: sequences[i]!, values: said, penalties, ...estimated }
  })
  const advantages = whitened(examples.map((example) => example.advantages))
  return examples.map((example, i) => ({ ...example, advantages: advantages[i]! }))
}

/** Predictions of the response's tokens. */
function policyDatum({ example, weight }: { example: Example; weight: number }): Datum {
  const { rollout, tokens, advantages } = example
  const start = rollout.prompt.length - 1
  const aligned = (values: ArrayLike<number>) => placed(values, start, tokens.length - 1)
  return {
    tokens,
    weights: aligned(advantages.map(() => weight)),
    inputs: { advantages: aligned(advantages), oldLogprobs: aligned(rollout.logprobs) },
  }
}

/** Values before the response's tokens, each as heavy as the other. */
function criticData(examples: readonly Example[]): ValueDatum[] {
  const count = examples.reduce((total, { values }) => total + values.length, 0)
  return examples.map(({ rollout, tokens, values, returns }) => {
    const aligned = (values: ArrayLike<number>) => placed(values, rollout.prompt.length - 1, tokens.length)
    return {
      tokens,
      weights: aligned(values.map(() => 1 / count)),
      inputs: { returns: aligned(returns), oldValues: aligned(values) },
    }
  })
}

/** How much of the returns' variance the critic foresaw: 1 is all, 0 no more than their mean would. */
function explainedVariance(examples: readonly Example[]): number {
  const returns = examples.map((example) => example.returns)
  const errors = examples.map((example) => example.returns.map((R, t) => R - example.values[t]!))
  const variance = (sequences: readonly Float64Array[]) => {
    const mean = meanOf(sequences)
    return meanOf(sequences.map((values) => values.map((x) => (x - mean) ** 2)))
  }
  return 1 - variance(errors) / Math.max(variance(returns), 1e-12)
}

function meanOf(values: readonly Float64Array[]): number {
  const count = values.reduce((total, { length }) => total + length, 0)
  return (
    values.reduce((total, sequence) => sequence.reduce((sum, x) => sum + x, total), 0) / Math.max(1, count)
  )
}
