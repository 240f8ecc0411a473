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
import { type Attendance, attendRun } from '../doctor/attend.ts'
import { type DoctorConfig, namedRules } from '../doctor/doctor-config.ts'
import { courseSettingsOf, type Rollback, readFindings } from '../doctor/read-run.ts'
import type { Finding } from '../doctor/rule.ts'
import type { Snapshot } from '../engine/engine.ts'
import type { ScalarModel } from '../engine/scalar-model.ts'
import { checkMaxTokens } from '../loading/local-model.ts'
import type { AnyReward } from '../rewards/reward.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import { stepName } from '../run/checkpoint.ts'
import { startClock } from '../run/clock.ts'
import { FINDINGS } from '../run/folder.ts'
import { EXIT_CODES, Stopped } from '../run/stop.ts'
import { type CurriculumOptions, createPool } from '../tasks/curriculum.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { readPool, writePool } from './curriculum-state.ts'
import { type Measured, measured, type NamedEvaluation } from './evaluations.ts'
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
  /** Asks questions again that have a signal; GRPO or PPO that take turns with sampling. */
  curriculum?: CurriculumOptions
  rewards: readonly AnyReward[]
  checkpoints: { every: number; keep: number }
  /** How the model is measured at the end; the first one's figures are logged. */
  evaluations?: readonly NamedEvaluation<Figures>[]
  /** Measure it before the first step, too, as `base`. */
  measureBase?: boolean
  /** A smaller measurement while it trains, with `every` steps between two; 0 is never. It is not cut short. */
  whileTraining?: { every: number; measure: () => Promise<Measured<Figures> | undefined> }
  /** Which rules are off, and what findings do to the run; by default they are told and nothing else. */
  doctor?: Partial<DoctorConfig>
  onFinding?: ((finding: Finding) => void) | undefined
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

/**
 * Undefined where the signal stopped it; the run's folder then holds a checkpoint of the last whole rollout. Throws `Stopped`
 * where a finding of `doctor.stopOn` ended it, with such a checkpoint.
 */
export async function reinforcementStage<Figures extends object>(
  options: Reinforcement<Figures>,
  context: RunContext,
): Promise<Reinforced<Figures> | undefined> {
  const { model, algorithm, evaluations = [], measureBase = false, onPhase } = options
  const { run, resume, signal } = context
  const { steps } = algorithm.config
  const seconds = startClock(resume)
  const doctor = await attendRun(run, courseSettingsOf(algorithm.config), {
    off: namedRules('doctor.off', options.doctor?.off ?? ''),
    onFinding: options.onFinding,
  })
  let base: Figures | undefined
  if (measureBase) {
    onPhase?.('base')
    base = await measured('base', evaluations, context)
    if (signal?.aborted) return undefined
    if (resume === undefined && base !== undefined) {
      run.log({ step: 0, evaluation: base as JsonObject })
      doctor.evaluation(0, base)
    }
  }
  onPhase?.('train')
  // Where a finished training continues to more steps, its closing figures are of fewer.
  if ((resume?.step ?? 0) < steps) await run.discardEvaluations('trained')
  await reinforce(options, context, seconds, doctor)
  if (signal?.aborted) return undefined
  onPhase?.('trained')
  await run.saveModel((folder) => model.engine.save(folder))
  const trained = await measured('trained', evaluations, context)
  if (signal?.aborted) return undefined
  if (trained !== undefined) {
    await run.logClosing(steps, trained as JsonObject)
    doctor.evaluation(steps, trained)
    doctor.look()
  }
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

/** What a finding makes of the learning rate where a run returns to a checkpoint. */
const ROLLBACK_FACTOR = 0.1

/** Trains to the end, or to a finding that ends the run; one that the run returns from is answered here, once. */
async function reinforce<Figures extends object>(
  options: Reinforcement<Figures>,
  context: RunContext,
  seconds: () => number,
  doctor: Attendance,
): Promise<void> {
  const { run, resume } = context
  const { rollback: returnsOnce = false, stopOn = '' } = options.doctor ?? {}
  const named = namedRules('doctor.stopOn', stopOn)
  const stops = (finding: Finding) => !finding.note && named.includes(finding.rule)
  const first = resume === undefined ? (await doctor.checkTask(options.question)).find(stops) : undefined
  if (first !== undefined) throw stoppedBy(first, run.folder)
  let rollback = resume && (await readFindings(join(run.folder, FINDINGS))).rollback
  let from = resume
  for (;;) {
    const returns = returnsOnce && rollback === undefined
    // Without names, a run returns from any finding.
    const ends = returns && stopOn === '' ? ({ note }: Finding) => !note : stops
    const attended = { seconds, doctor, ends, rollback, returns }
    const finding = await train(options, { ...context, resume: from }, attended)
    if (finding === undefined) return
    if (!returns) throw stoppedBy(finding, run.folder)
    from = (await run.resume()).checkpoint
    rollback = { step: from?.step ?? 0, finding, learningRateFactor: ROLLBACK_FACTOR }
    run.logFinding({ ...rollback })
    await doctor.reopen()
  }
}

const stoppedBy = ({ title, rule, remedy, step }: Finding, folder: string) =>
  new Stopped(
    `Stopped at step ${step}: ${title} (${rule}). ${remedy}\nEverything is saved in ${folder}; it continues with --resume --set doctor.stopOn=`,
    EXIT_CODES.finding,
  )

interface Attended {
  seconds: () => number
  doctor: Attendance
  /** Whether a finding ends the training. */
  ends: (finding: Finding) => boolean
  /** The one that is behind it, whose learning rate it has. */
  rollback: Rollback | undefined
  /** Whether the run returns to its last checkpoint where it ends so; what led there is then not saved. */
  returns: boolean
}

/** Gives the finding that ended it. */
async function train<Figures extends object>(
  {
    model: { engine, sampler, tokenizer, renderPrompt, maxPositions },
    algorithm,
    checkpoints,
    ...options
  }: Reinforcement<Figures>,
  { run, resume, seed, signal: outer }: RunContext,
  { seconds, doctor, ends, rollback, returns }: Attended,
): Promise<Finding | undefined> {
  const { steps, minibatches, innerEpochs, klWeight, learningRate } = algorithm.config
  const rate = { learningRate: learningRate * (rollback?.learningRateFactor ?? 1) }
  let finding: Finding | undefined
  const ended = new AbortController()
  const signal = outer === undefined ? ended.signal : AbortSignal.any([outer, ended.signal])
  const { curriculum } = options
  const pool =
    curriculum && curriculum.fresh < 1
      ? createPool(options.question, seed, curriculum, resume && readPool(resume.folder))
      : undefined
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
        if (pool !== undefined) await writePool(folder, pool.state())
      },
    })
    saved = step
  }
  if (returns && resume === undefined) await save(0, undefined)
  const updatesPerRollout = minibatches * innerEpochs
  const { every, measure } = options.whileTraining ?? { every: 0 }
  const given: Omit<GrpoOptions, 'config'> = {
    engine,
    tokenizer,
    renderPrompt: ({ prompt }) => renderPrompt(prompt),
    maxPositions,
    rewards: options.rewards,
    seed,
    question: pool?.question ?? options.question,
    fromStep: resume?.step ?? 0,
    ...(reference && { reference }),
    signal,
    onStep: (step) => {
      const returned = rollback !== undefined && step.step === rollback.step + 1
      const metrics = { ...step.metrics, ...pool?.figures() }
      run.log({ step: step.step, ...metrics, ...(returned && { rollback: 1 }) })
      doctor.step(step.step, metrics)
      run.logTiming({ step: step.step, ...step.timing })
      options.onStep?.(step)
    },
    onStop: async ({ step, reference: current }) => {
      if (step > saved && !(returns && finding !== undefined)) await save(step, current)
    },
    async onRollout({ step, groups, reference: current, begun }) {
      await run.writeRollouts(step, rolloutRows(groups))
      for (const { question, rollouts } of groups)
        pool?.record(
          question.id,
          rollouts.length,
          rollouts.filter(({ rewards }) => rewards.accuracy === 1).length,
        )
      pool?.endRollout()
      if (measure !== undefined && every > 0 && step % every < updatesPerRollout && step < steps) {
        const measurement = await measure()
        if (measurement !== undefined) {
          run.log({ step, evaluation: measurement.figures as JsonObject })
          doctor.evaluation(step, measurement.figures)
          await run.writeResponses(stepName(step), rolloutRows(measurement.groups))
        }
      }
      doctor.rollout(step, groups)
      finding = doctor.look().find(ends)
      if (finding !== undefined) ended.abort()
      if (finding !== undefined && returns) return
      if (step - saved < checkpoints.every && step < steps && !signal?.aborted) return
      await save(step, current, await begun?.())
    },
  }
  if (algorithm.name === 'ppo')
    await ppo({ ...given, config: { ...algorithm.config, ...rate }, critic: algorithm.critic })
  else {
    const begun = resume && (await readBegun(resume.folder))
    await grpo({
      ...given,
      config: { ...algorithm.config, ...rate },
      ...(sampler && { sampler }),
      ...(begun && { begun }),
    })
  }
  return finding
}
