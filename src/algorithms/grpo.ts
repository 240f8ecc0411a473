/**
 * GRPO (R1 §2.2.1, equations 1 to 3; DeepSeekMath, arXiv 2402.03300 §4) with the variants of docs/grpo-options.md.
 *
 * A rollout is `questionsPerStep · minibatches` questions with G responses each. Its responses are graded, compared
 * within their group, split at random into minibatches, and each minibatch makes one update.
 *
 * Where this differs from the paper, or fills in what it does not state:
 * 1. The objective is per token with the factor 1/|o| (DeepSeekMath's equation 3); the paper prints it per sequence.
 * 2. The standard deviation of a group is the sample one.
 * 3. Old log-probabilities are the sampler's own, which here equal the training graph's to 1e-4.
 * 4. Where rollouts are tempered, ratios are still between untempered policies.
 * 5. With `staleness` or `deadline` a rollout is sampled while others are trained on (rollout-schedule.ts). Ratios are to the
 *    policy that sampled, which corrects for its age; with `importanceCap` the truncated weight does.
 */

import type { Datum, Engine, Policy, Snapshot } from '../engine/engine.ts'
import { joined, placed } from '../engine/sequences.ts'
import { groupAdvantages, isDegenerate } from '../objectives/advantages.ts'
import { importanceWeights } from '../objectives/importance-correction.ts'
import { policyGradient } from '../objectives/policy-gradient.ts'
import { scheduleFactor } from '../objectives/schedule.ts'
import { rewardWeights } from '../rewards/reward.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import { type GroupSampler, sampleGroups } from '../rollout/sample-groups.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { checkGrpo, type GrpoConfig } from './grpo-config.ts'
import { minibatch } from './minibatch.ts'
import { renewedReference } from './reference.ts'
import {
  type BegunPart,
  checkJudged,
  type Dropped,
  type RolloutSchedule,
  type SampledPart,
  type ScheduleOptions,
  scheduleRollouts,
  type TakenRollout,
  unjudgedInto,
} from './rollout-schedule.ts'
import { type RolloutStatistics, rolloutStatistics } from './rollout-statistics.ts'
import { type UpdateMetrics, updateMetrics } from './update-metrics.ts'

export interface GrpoOptions extends Omit<GroupSampler, 'policy' | 'sampling' | 'onVerified' | 'onUnjudged'> {
  engine: Engine
  /** What rollouts are drawn from where sampling and training take turns; the engine itself by default. */
  sampler?: Pick<Policy, 'sample'>
  config: GrpoConfig
  seed: number
  /** Training question `index`. */
  question: (index: number) => AskedQuestion
  /** The step to continue from, always the first of a rollout; its reference policy must be `reference`. */
  fromStep?: number
  /** π_ref to start with; the engine's own weights otherwise. */
  reference?: Snapshot
  /** What `RolloutDone.begun` gave when the run that continues was saved. */
  begun?: readonly BegunPart[]
  /** One update is done. */
  onStep: (step: GrpoStep) => void | Promise<void>
  /** All updates of a rollout are done: the place to save, π_ref included (undefined where no KL term needs it). */
  onRollout?: (done: RolloutDone) => void | Promise<void>
  /** The signal cut a rollout short, which is dropped: the place to save what came before. */
  onStop?: (at: Omit<RolloutDone, 'groups' | 'begun'>) => void | Promise<void>
}

export interface RolloutDone {
  step: number
  groups: AdvantageGroup[]
  reference: Snapshot | undefined
  /** Rollouts that were begun before the weights became what they are: to be saved with them. */
  begun?: () => Promise<BegunPart[]>
}

export interface AdvantageGroup extends Group {
  /** Of each rollout, in order. */
  advantages: number[]
  /** log π_ref of each rollout's tokens, where the KL term asks for them. */
  referenceLogprobs?: Float32Array[]
}

/**
 * An update in figures, the same on every run of a seed. `updateSize` is among them where the engine has it; beside rewards of any
 * name an optional property does not compile under --strict alone.
 */
export interface StepMetrics extends RolloutStatistics, Omit<UpdateMetrics, 'updateSize'> {
  /** KL divergence to the reference policy, nats a token. */
  kl: number
}

export interface GrpoStep {
  /** Updates done, this one included. */
  step: number
  /** `droppedUpdate` is among them, as 1, where the gradient was not finite. */
  metrics: StepMetrics
  /** What is not. Seconds of the rollout are in its first update, and 0 in those after. */
  timing: {
    sampleSeconds: number
    /** Part of sampling, also where rollouts are sampled beside training. */
    verifySeconds: number
    scoreSeconds: number
    trainSeconds: number
    /** Of the rollout's sampling. */
    tokensPerSecond: number
  }
}

export async function grpo(options: GrpoOptions): Promise<void> {
  checkGrpo(options.config)
  const schedule = scheduleRollouts(scheduleOf(options))
  try {
    await train(options, schedule)
  } finally {
    schedule.close()
  }
}

async function train(options: GrpoOptions, schedule: RolloutSchedule): Promise<void> {
  const { engine, config, seed, signal } = options
  const objective = policyGradient(config)
  const updatesPerRollout = config.minibatches * config.innerEpochs
  let reference = config.klWeight > 0 ? (options.reference ?? (await engine.snapshot())) : undefined

  let step = options.fromStep ?? 0
  while (step < config.steps && signal?.aborted !== true) {
    const started = performance.now()
    const rollout = step / updatesPerRollout
    const taken = await schedule.take(rollout)
    if (taken === undefined) {
      await options.onStop?.({ step, reference })
      break
    }
    checkJudged(taken)
    const groups = compared(taken.groups, config)
    const sampled = performance.now()
    const examples = await score(options, groups, reference)
    const scored = performance.now()

    const statistics: RolloutStatistics = {
      ...rolloutStatistics(groups, taken.dropped.tokens),
      ...rewardWeights(options.rewards, step),
      ...(config.dynamicSampling > 0 && { droppedGroups: taken.dropped.groups }),
      ...(taken.dropped.unjudged > 0 && { unjudgedGroups: taken.dropped.unjudged }),
      ...ageStatistics(taken, config),
    }
    let trainingStarted = scored
    for (let turn = 0; turn < updatesPerRollout && step < config.steps; turn++) {
      const batch = asData(minibatch(examples, config, turn, seed, rollout))
      const gradient = await engine.forwardBackward(batch, objective)
      const learningRate = config.learningRate * scheduleFactor(config, step, config.steps)
      const update = await engine.optimStep({ ...config, learningRate })
      step++
      const former = reference
      reference = await renewedReference(reference, engine, step, config)
      const now = performance.now()
      const first = turn === 0
      await options.onStep({
        step,
        metrics: {
          ...statistics,
          kl: gradient.statistics.kl ?? 0,
          ...updateMetrics(gradient, update, learningRate),
          ...(updatesPerRollout > 1 && { policyAge: turn }),
          ...(reference !== former && { referenceRenewed: 1 }),
        },
        timing: {
          sampleSeconds: first ? (sampled - started) / 1000 : 0,
          verifySeconds: first ? taken.verifySeconds : 0,
          scoreSeconds: first ? (scored - sampled) / 1000 : 0,
          trainSeconds: (now - trainingStarted) / 1000,
          tokensPerSecond: taken.seconds > 0 ? statistics.sampledTokens / taken.seconds : 0,
        },
      })
      trainingStarted = performance.now()
    }
    await options.onRollout?.({
      step,
      groups: withReference(groups, examples),
      reference,
      begun: schedule.begun,
    })
  }
  reference?.close()
}

/** Question by question where sampling continues beside training, so that verification does too; else all at once. */
function scheduleOf(options: GrpoOptions): ScheduleOptions {
  const { engine, sampler = engine, config, signal, begun = [], fromStep = 0 } = options
  const { staleness, deadline, minibatches, innerEpochs, groupSize, questionsPerStep, dynamicSampling } =
    config
  const overlaps = staleness > 0 || deadline !== null
  const parts = overlaps && dynamicSampling === 0 ? questionsPerStep * minibatches : 1
  const updatesPerRollout = minibatches * innerEpochs
  return {
    ...{ engine, staleness, deadline, begun, signal },
    from: fromStep / updatesPerRollout,
    end: Math.ceil(config.steps / updatesPerRollout),
    parts,
    // Each minibatch gets a response.
    fewestParts: Math.ceil(minibatches / groupSize),
    sample: (policy, rollout, part, given) =>
      sampleRollout(
        { ...options, signal: given },
        overlaps ? policy : sampler,
        rollout,
        parts === 1 ? undefined : part,
      ),
  }
}

/**
 * The rollout's groups, or the group of its question `part`; undefined where the signal cut them short. With dynamic
 * sampling, groups that teach nothing are dropped and give way to groups of further questions.
 */
async function sampleRollout(
  options: GrpoOptions,
  policy: Pick<Policy, 'sample'>,
  rollout: number,
  part: number | undefined,
): Promise<SampledPart | undefined> {
  const { config, seed, question, signal } = options
  const { groupSize, dynamicSampling, maxTokens, temperature, topP } = config
  let verifySeconds = 0
  const onVerified = (seconds: number) => {
    verifySeconds += seconds
  }
  const step = rollout * config.minibatches * config.innerEpochs
  const dropped: Dropped = { groups: 0, tokens: 0, unjudged: 0 }
  const onUnjudged = unjudgedInto(dropped)
  const sampler = {
    ...options,
    policy,
    step,
    sampling: { maxTokens, temperature, topP },
    onVerified,
    onUnjudged,
  }
  const numQuestions = config.questionsPerStep * config.minibatches
  const stride = numQuestions * (1 + dynamicSampling)
  const groups: Group[] = []
  for (let round = 0; round <= dynamicSampling; round++) {
    const wanted = numQuestions - groups.length
    if (wanted === 0) break
    const first = rollout * stride + round * numQuestions
    const places = part === undefined ? Array.from({ length: wanted }, (_, i) => i) : [part]
    const asked = places.map((place) => question(first + place))
    const name = `${seed}/rollout/${rollout}/${round}`
    const fresh = await sampleGroups(sampler, asked, groupSize, name, part)
    if (signal?.aborted) return undefined
    const last = round === dynamicSampling
    for (const group of fresh) {
      if (last || !isDegenerate(group.rollouts.map(({ reward }) => reward))) groups.push(group)
      else {
        dropped.groups++
        dropped.tokens += group.rollouts.reduce((sum, { tokens }) => sum + tokens.length, 0)
      }
    }
  }
  return { groups, dropped, verifySeconds }
}

function compared(groups: readonly Group[], { advantageScale }: GrpoConfig): AdvantageGroup[] {
  const rewards = groups.map(({ rollouts }) => rollouts.map(({ reward }) => reward))
  const advantages = groupAdvantages(rewards, { scale: advantageScale })
  return groups.map((group, g) => ({ ...group, advantages: advantages[g]! }))
}

/** What sampling beside training adds to the metrics. */
function ageStatistics(
  { staleness, late, joined }: TakenRollout,
  config: GrpoConfig,
): Record<string, number> {
  if (config.staleness === 0 && config.deadline === null) return {}
  return {
    staleness: staleness.reduce((sum, age) => sum + age, 0) / staleness.length,
    ...(config.deadline !== null && { lateGroups: late, joinedGroups: joined }),
  }
}

/** A response ready for training: what does not change between the updates of a rollout. */
interface Example {
  rollout: Rollout
  /** False where its gradient is zero: no advantage, and neither a KL term nor an entropy bonus. */
  teaches: boolean
  tokens: Int32Array
  inputs: Record<string, Float32Array>
}

async function score(
  { engine, config }: GrpoOptions,
  groups: readonly AdvantageGroup[],
  reference: Policy | undefined,
): Promise<Example[]> {
  const rollouts = groups.flatMap((group) => group.rollouts)
  const advantages = groups.flatMap((group) => group.advantages)
  const sequences = rollouts.map(({ prompt, tokens }) => joined(prompt, tokens))
  const promptLengths = rollouts.map(({ prompt }) => prompt.length)
  const referenceLogprobs = await reference?.logprobs(sequences, promptLengths)
  const always = config.klWeight !== 0 || config.entropyWeight !== 0
  const teaches = advantages.map((advantage) => always || advantage !== 0)
  const scoredAnew =
    config.importanceCap === null
      ? undefined
      : (
          await engine.logprobs(
            sequences.filter((_, i) => teaches[i]),
            promptLengths.filter((_, i) => teaches[i]),
          )
        ).values()
  return rollouts.map((rollout, i) => {
    const tokens = sequences[i]!
    const start = rollout.prompt.length - 1
    const aligned = (values: ArrayLike<number>) => placed(values, start, tokens.length - 1)
    const scored = teaches[i] ? scoredAnew?.next().value : undefined
    const old = scored?.subarray(start) ?? rollout.logprobs
    const corrections =
      config.importanceCap === null
        ? undefined
        : importanceWeights(old, rollout.logprobs, {
            mode: 'truncate',
            level: 'token',
            high: config.importanceCap,
            low: 0,
          })
    return {
      rollout,
      teaches: teaches[i]!,
      tokens,
      inputs: {
        advantages: aligned(
          Float32Array.from(rollout.tokens, (_, t) => advantages[i]! * (corrections?.[t] ?? 1)),
        ),
        oldLogprobs: aligned(old),
        ...(referenceLogprobs === undefined ? {} : { referenceLogprobs: referenceLogprobs[i]! }),
      },
    }
  })
}

/** `examples` are in the groups' order. */
function withReference(groups: readonly AdvantageGroup[], examples: readonly Example[]): AdvantageGroup[] {
  let next = 0
  return groups.map((group) => {
    const ofGroup = group.rollouts.map(({ prompt }) => {
      const { referenceLogprobs } = examples[next++]!.inputs
      return referenceLogprobs?.subarray(prompt.length - 1)
    })
    const known = ofGroup.filter((logprobs) => logprobs !== undefined)
    return known.length === ofGroup.length ? { ...group, referenceLogprobs: known } : group
  })
}

/** Only the response is trained, and it only where it teaches. */
const asData = (batch: readonly { example: Example; weight: number }[]): Datum[] =>
  batch.filter(({ example }) => example.teaches).map(asDatum)

const asDatum = ({ example, weight }: { example: Example; weight: number }): Datum => ({
  tokens: example.tokens,
  weights: new Float32Array(example.tokens.length - 1).fill(weight, example.rollout.prompt.length - 1),
  inputs: example.inputs,
})
