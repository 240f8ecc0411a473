/**
 * Reinforcement learning as a stage (R1 §2.2, §2.3.2, §2.3.4): a model is measured, trained by GRPO or by PPO, saved, and
 * measured again. R1-Zero is this one stage; the pipelines have it in several places. Metrics, rollouts and figures go to the
 * run's folder. Checkpoints hold the weights, AdamW's state, the reference policy and the critic, where there are such.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBegun, writeBegun } from '../algorithms/begun-rollouts.ts'
import { type GrpoOptions, type GrpoStep, grpo } from '../algorithms/grpo.ts'
import { checkGrpo, type GrpoConfig } from '../algorithms/grpo-config.ts'
import { ppo } from '../algorithms/ppo.ts'
import { checkPpo, type PpoConfig } from '../algorithms/ppo-config.ts'
import type { BegunPart } from '../algorithms/rollout-schedule.ts'
import type { JsonObject } from '../disk/jsonl.ts'
import type { Snapshot } from '../engine/engine.ts'
import type { ScalarModel } from '../engine/scalar-model.ts'
import { checkMaxTokens } from '../loading/local-model.ts'
import type { Reward } from '../rewards/reward.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import { stepName } from '../run/checkpoint.ts'
import { startClock } from '../run/clock.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { type Evaluation, type Measured, measured } from './evaluations.ts'
import type { RunContext } from './pipeline.ts'
import type { TrainedModel } from './trained-model.ts'

/** GRPO, or PPO with a critic, which the caller closes. */
export type Algorithm =
  | { name: 'grpo'; config: GrpoConfig }
  | { name: 'ppo'; config: PpoConfig; critic: ScalarModel }

export interface Reinforcement<Figures extends object> {
  /** What is trained; the caller closes it. */
  model: Pick<TrainedModel, 'engine' | 'sampler' | 'tokenizer' | 'renderPrompt' | 'maxPositions'>
  algorithm: Algorithm
  /** Training question `index`. */
  question: (index: number) => AskedQuestion
  rewards: readonly Reward[]
  checkpoints: { every: number; keep: number }
  /** How the model is measured at the end; the first one's figures are logged. */
  evaluations?: readonly Evaluation<Figures>[]
  /** Measure it before the first step, too, as `base`. */
  measureBase?: boolean
  /** A smaller measurement while it trains, with `every` steps between two; 0 is never. It is not cut short. */
  whileTraining?: { every: number; measure: () => Promise<Measured<Figures> | undefined> }
  onPhase?: ((phase: 'base' | 'train' | 'trained') => void) | undefined
  onStep?: ((step: GrpoStep) => void) | undefined
}

export interface Reinforced<Figures extends object> {
  /** Where it was asked for. */
  base?: Figures
  /** Undefined without evaluations. */
  trained: Figures | undefined
  /** The time before it was resumed included. */
  seconds: number
  steps: number
}

/** Undefined where the signal stopped it; the run's folder then holds a checkpoint of the last whole rollout. */
export async function reinforcementStage<Figures extends object>(
  options: Reinforcement<Figures>,
  context: RunContext,
): Promise<Reinforced<Figures> | undefined> {
  const { model, algorithm, evaluations = [], measureBase = false, onPhase } = options
  const { run, resume, signal } = context
  const { steps } = algorithm.config
  const seconds = startClock(resume)
  let base: Figures | undefined
  if (measureBase) {
    onPhase?.('base')
    base = await measured('base', evaluations, context)
    if (signal?.aborted) return undefined
    if (resume === undefined && base !== undefined) run.log({ step: 0, evaluation: base as JsonObject })
  }
  onPhase?.('train')
  // Where a finished training continues to more steps, its closing figures are of fewer.
  if ((resume?.step ?? 0) < steps) await run.discardEvaluations('trained')
  await reinforce(options, context, seconds)
  if (signal?.aborted) return undefined
  onPhase?.('trained')
  await run.saveModel((folder) => model.engine.save(folder))
  const trained = await measured('trained', evaluations, context)
  if (signal?.aborted) return undefined
  if (trained !== undefined) await run.logClosing(steps, trained as JsonObject)
  return { ...(base && { base }), trained, seconds: seconds(), steps }
}

/** Throws for settings of the section `group` that exclude each other, or that the model has no room for. */
export function checkReinforcement(
  group: string,
  { name, config }: { name: 'grpo'; config: GrpoConfig } | { name: 'ppo'; config: PpoConfig },
  maxPositions: number,
): void {
  if (name === 'grpo') checkGrpo(config, group)
  else checkPpo(config, group)
  checkMaxTokens(`${group}.maxTokens`, config.maxTokens, maxPositions)
}

async function reinforce<Figures extends object>(
  {
    model: { engine, sampler, tokenizer, renderPrompt, maxPositions },
    algorithm,
    checkpoints,
    ...options
  }: Reinforcement<Figures>,
  { run, resume, seed, signal }: RunContext,
  seconds: () => number,
): Promise<void> {
  const { steps, minibatches, innerEpochs, klWeight } = algorithm.config
  const critic = algorithm.name === 'ppo' ? algorithm.critic : undefined
  // Without a KL term there is none; where a resumed run is the first to have one, it begins with the weights as they are.
  const former = resume && join(resume.folder, 'reference')
  const reference =
    former !== undefined && klWeight > 0 && existsSync(former) ? await engine.loadSnapshot(former) : undefined
  if (resume !== undefined) {
    await engine.load(resume.folder, { optimizer: true })
    await critic?.load(join(resume.folder, 'critic'), { optimizer: true })
  }
  let saved = resume?.step ?? 0
  const save = async (step: number, current: Snapshot | undefined, begun: readonly BegunPart[] = []) => {
    await run.saveCheckpoint({
      step,
      state: { seconds: seconds() },
      keep: checkpoints.keep,
      async write(folder) {
        await engine.save(folder, { optimizer: true })
        await current?.save(join(folder, 'reference'))
        await critic?.save(join(folder, 'critic'), { optimizer: true })
        await writeBegun(folder, begun)
      },
    })
    saved = step
  }
  const updatesPerRollout = minibatches * innerEpochs
  const { every, measure } = options.whileTraining ?? { every: 0 }
  const given: Omit<GrpoOptions, 'config'> = {
    engine,
    tokenizer,
    renderPrompt: ({ prompt }) => renderPrompt(prompt),
    maxPositions,
    rewards: options.rewards,
    seed,
    question: options.question,
    fromStep: resume?.step ?? 0,
    ...(reference && { reference }),
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
      if (measure !== undefined && every > 0 && step % every < updatesPerRollout && step < steps) {
        const measurement = await measure()
        if (measurement !== undefined) {
          run.log({ step, evaluation: measurement.figures as JsonObject })
          await run.writeResponses(stepName(step), rolloutRows(measurement.groups))
        }
      }
      if (step - saved < checkpoints.every && step < steps && !signal?.aborted) return
      await save(step, current, await begun?.())
    },
  }
  if (algorithm.name === 'ppo') await ppo({ ...given, config: algorithm.config, critic: algorithm.critic })
  else {
    const begun = resume && (await readBegun(resume.folder))
    await grpo({ ...given, config: algorithm.config, ...(sampler && { sampler }), ...(begun && { begun }) })
  }
}
