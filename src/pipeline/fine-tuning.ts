/**
 * Supervised fine-tuning as a stage (R1 §2.3.1, §2.3.3, §2.4): a model learns responses, is saved and, in a pipeline, measured.
 * The folder of the run then holds the model with the chat template that it was trained with.
 */
import { type SftStep, sft, sftSteps } from '../algorithms/sft.ts'
import type { SftConfig } from '../algorithms/sft-config.ts'
import { startClock } from '../run/clock.ts'
import { measured, type NamedEvaluation } from './evaluations.ts'
import type { RunContext } from './pipeline.ts'
import { type SftData, splitValidation } from './sft-data.ts'
import type { TrainedModel } from './trained-model.ts'

export interface FineTuning<Figures extends object> {
  /** What is trained; the caller closes it. */
  model: Pick<TrainedModel, 'engine'>
  config: SftConfig
  data: SftData
  checkpoints: { every: number; keep: number }
  /** How the model is measured at the end; the first one's figures are in the result. */
  evaluations?: readonly NamedEvaluation<Figures>[]
  /** Before the first update: how many there are. */
  onPlan?: ((plan: { examples: number; tooLong: number; steps: number }) => void) | undefined
  onStep?: ((step: SftStep, steps: number) => void) | undefined
}

export interface FineTuned<Figures extends object> {
  examples: number
  tooLong: number
  steps: number
  /** Response tokens read. */
  tokens: number
  validationLoss?: number
  /** The time before it was resumed included. */
  seconds: number
  run: string
  figures?: Figures
}

/** Undefined where the signal stopped it; the run's folder then holds a checkpoint. */
export async function fineTuningStage<Figures extends object>(
  { model: { engine }, config, data, checkpoints, evaluations = [], ...options }: FineTuning<Figures>,
  context: RunContext,
): Promise<FineTuned<Figures> | undefined> {
  const { run, resume, seed, signal } = context
  const seconds = startClock(resume)
  const { examples, validation } = splitValidation(data.examples, config.validationShare, seed)
  const steps = sftSteps(config, examples.length)
  options.onPlan?.({ examples: examples.length, tooLong: data.tooLong, steps })
  if (resume !== undefined) await engine.load(resume.folder, { optimizer: true })
  if ((resume?.step ?? 0) < steps) await run.discardEvaluations('trained')
  let tokens = Number(resume?.state.tokens ?? 0)
  let validationLoss = resume?.state.validationLoss as number | undefined
  let since = performance.now()
  await sft({
    engine,
    config,
    seed,
    examples,
    validation,
    fromStep: resume?.step ?? 0,
    signal,
    async onStep(step) {
      tokens += step.tokens
      validationLoss = step.validationLoss ?? validationLoss
      const now = performance.now()
      run.log({ ...step })
      run.logTiming({ step: step.step, tokensPerSecond: (1000 * step.tokens) / (now - since) })
      since = now
      options.onStep?.(step, steps)
      if (step.step % checkpoints.every !== 0 && step.step < steps && !signal?.aborted) return
      await run.saveCheckpoint({
        step: step.step,
        state: { tokens, seconds: seconds(), ...(validationLoss !== undefined && { validationLoss }) },
        keep: checkpoints.keep,
        write: (folder) => engine.save(folder, { optimizer: true }),
      })
    },
  })
  if (signal?.aborted) return undefined
  await run.saveModel((folder) => engine.save(folder))
  const result = {
    examples: examples.length,
    tooLong: data.tooLong,
    steps,
    tokens,
    ...(validationLoss !== undefined && { validationLoss }),
    seconds: seconds(),
    run: run.folder,
  }
  const figures = await measured('trained', evaluations, context)
  if (signal?.aborted) return undefined
  return { ...result, ...(figures && { figures }) }
}
