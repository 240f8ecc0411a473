/**
 * Reinforcement learning as part of a run: the updates of GRPO, or of PPO where there is a critic, with their lines in the
 * metrics, rollouts on disk, and checkpoints that hold the weights, AdamW's state, the reference policy and the critic, where
 * there are such. What is asked and rewarded is the caller's.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readBegun, writeBegun } from '../algorithms/begun-rollouts.ts'
import { type GrpoOptions, type GrpoStep, grpo } from '../algorithms/grpo.ts'
import { checkGrpo, type GrpoConfig } from '../algorithms/grpo-config.ts'
import { loraConfig } from '../algorithms/lora-config.ts'
import { type PpoOptions, ppo } from '../algorithms/ppo.ts'
import type { BegunPart } from '../algorithms/rollout-schedule.ts'
import type { Snapshot } from '../engine/engine.ts'
import { checkMaxTokens } from '../loading/local-model.ts'
import { formatReward, thinkFormatReward } from '../rewards/format.ts'
import type { Reward } from '../rewards/reward.ts'
import type { Group } from '../rollout/rollout.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import { type Checkpoint, stepName } from '../run/checkpoint.ts'
import type { Run } from '../run/folder.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { engineConfig, type TrainedModel } from './trained-model.ts'

/** The settings that every run which trains a model has. */
export const trainingSettings = {
  checkpointEvery: z.int().min(1).default(10).describe('Steps between checkpoints'),
  keepCheckpoints: z.int().min(1).default(2).describe('Checkpoints that stay'),
  microBatchTokens: z.int().min(64).default(4096).describe('Tokens the embedded engine trains on at once'),
  lora: loraConfig,
  engine: engineConfig,
  recompute: z
    .boolean()
    .default(false)
    .describe('Compute activations twice instead of keeping them: less memory, a third more time'),
}

/** The reward for the form that a model's template asks for. */
export const formRewardOf = ({ answerForm }: Pick<TrainedModel, 'answerForm'>, weight = 1): Reward =>
  answerForm === 'tags' ? formatReward({ weight }) : thinkFormatReward({ weight })

/** Throws for settings of the section `group` that exclude each other, or that the model has no room for. */
export function checkReinforcement(group: string, config: GrpoConfig, maxPositions: number): void {
  checkGrpo(config, group)
  checkMaxTokens(`${group}.maxTokens`, config.maxTokens, maxPositions)
}

export interface ReinforcementOptions {
  model: Pick<TrainedModel, 'engine' | 'tokenizer' | 'renderPrompt' | 'maxPositions'>
  run: Run
  config: { seed: number; grpo: GrpoConfig; checkpointEvery: number; keepCheckpoints: number }
  /** Training question `index`. */
  question: (index: number) => AskedQuestion
  rewards: readonly Reward[]
  critic?: PpoOptions['critic'] | undefined
  /** What rollouts are drawn from; the model's engine by default. */
  sampler?: GrpoOptions['sampler']
  /** The checkpoint to go on from. */
  resume?: Checkpoint | undefined
  signal?: AbortSignal | undefined
  /** Seconds that the run took so far, kept in its checkpoints. */
  seconds: () => number
  onStep?: ((step: GrpoStep) => void) | undefined
  /** Figures and graded responses after some steps: every how many, and how. */
  evaluation?: {
    every: number
    measure: () => Promise<{ figures: object; groups: readonly Group[] }>
  }
}

/** Ends early where the signal says so, with a checkpoint of the last whole rollout. */
export async function reinforce({
  model: { engine, tokenizer, renderPrompt, maxPositions },
  run,
  config,
  resume,
  ...options
}: ReinforcementOptions): Promise<void> {
  const { signal, evaluation, seconds, critic } = options
  // Without a KL term there is none; where a resumed run is the first to have one, it begins with the weights as they are.
  const former = resume && join(resume.folder, 'reference')
  const reference =
    former !== undefined && config.grpo.klWeight > 0 && existsSync(former)
      ? await engine.loadSnapshot(former)
      : undefined
  if (resume !== undefined) {
    await engine.load(resume.folder, { optimizer: true })
    await critic?.model.load(join(resume.folder, 'critic'), { optimizer: true })
  }
  let saved = resume?.step ?? 0
  const save = async (step: number, current: Snapshot | undefined, begun: readonly BegunPart[] = []) => {
    await run.saveCheckpoint({
      step,
      state: { seconds: seconds() },
      keep: config.keepCheckpoints,
      async write(folder) {
        await engine.save(folder, { optimizer: true })
        await current?.save(join(folder, 'reference'))
        await critic?.model.save(join(folder, 'critic'), { optimizer: true })
        await writeBegun(folder, begun)
      },
    })
    saved = step
  }
  const { steps, minibatches, innerEpochs } = config.grpo
  const train = (given: GrpoOptions) => (critic === undefined ? grpo(given) : ppo({ ...given, critic }))
  await train({
    engine,
    tokenizer,
    renderPrompt: ({ prompt }) => renderPrompt(prompt),
    maxPositions,
    rewards: options.rewards,
    config: config.grpo,
    seed: config.seed,
    question: options.question,
    fromStep: resume?.step ?? 0,
    ...(options.sampler && { sampler: options.sampler }),
    ...(reference && { reference }),
    ...(resume && { begun: await readBegun(resume.folder) }),
    ...(signal && { signal }),
    onStep: (step) => {
      run.log({ step: step.step, ...step.metrics })
      run.logTiming({ step: step.step, ...step.timing })
      options.onStep?.(step)
    },
    onStop: async ({ step, reference: current }) => {
      if (step > saved) await save(step, current)
    },
    async onRollout({ step, groups, reference: current, begun }) {
      await run.writeRollouts(step, rolloutRows(groups))
      if (evaluation !== undefined && evaluation.every > 0) {
        if (step % evaluation.every < minibatches * innerEpochs && step < steps) {
          const { figures, groups: graded } = await evaluation.measure()
          run.log({ step, evaluation: { ...figures } })
          await run.writeResponses(stepName(step), rolloutRows(graded))
        }
      }
      if (step - saved < config.checkpointEvery && step < steps && !signal?.aborted) return
      await save(step, current, await begun?.())
    },
  })
}
