/**
 * `train()`: a model, a task and rewards go in, a model that learned comes out. It is R1-Zero's stage with the pocket's settings,
 * for programs that want neither settings files nor a folder. `grpo()` is for those who want the parts.
 */
import { z } from 'zod'
import type { StepMetrics } from '../algorithms/grpo.ts'
import { type GrpoConfig, grpoConfig } from '../algorithms/grpo-config.ts'
import type { JsonObject } from '../disk/jsonl.ts'
import type { Finding } from '../doctor/rule.ts'
import { measureModel, type RunFigures } from '../evaluation/measure-model.ts'
import { type LocalModel, openModel } from '../loading/local-model.ts'
import { checkPrompts } from '../loading/prompt-length.ts'
import type { NamedEvaluation } from '../pipeline/evaluations.ts'
import type { RunContext } from '../pipeline/pipeline.ts'
import { checkReinforcement, reinforcementStage } from '../pipeline/reinforcement.ts'
import type { TrainedModel } from '../pipeline/trained-model.ts'
import { writeRunReport } from '../report/run-report.ts'
import { runTranscripts } from '../report/run-transcripts.ts'
import { type AnyReward, checkRewarded } from '../rewards/reward.ts'
import { ruleRewards } from '../rewards/rule-rewards.ts'
import { createRun, openRun } from '../run/folder.ts'
import { unsavedRun } from '../run/unsaved-run.ts'
import { packageVersion } from '../run/version.ts'
import { resolveConfig } from '../settings/config.ts'
import { trainingData } from '../tasks/load-task.ts'
import type { QuestionSet, TrainingData, TrainingTask } from '../tasks/task.ts'
import { onPolicy } from './presets/pocket.ts'

export interface TrainOptions<Model extends TrainedModel = TrainedModel> {
  /**
   * What learns: an open model (`openModel`), or the place of one: a shipped model's name, a model folder, a GGUF file or a run.
   * `pocket-base` by default.
   */
  model?: string | Model
  /**
   * What it learns: questions and who judges the answers. A task or a set of questions of your own, or one by name
   * (docs/tasks.md). `pocket-countdown` by default.
   */
  task?: string | TrainingTask | QuestionSet
  /** What is rewarded, as a weighted sum. By default accuracy and format, each with weight 1 (`ruleRewards`). */
  rewards?: readonly AnyReward[]
  /** Updates of the model; 60 by default. */
  steps?: number
  /** Of every random draw: the same seed on the same machine trains the same model. 1 by default. */
  seed?: number
  /** GRPO's other settings, in place of those that suit the pocket model: `learningRate`, `groupSize`, … */
  grpo?: Partial<Omit<GrpoConfig, 'steps'>>
  /**
   * How the model is measured before and after, on questions that it does not train on: 64 of them, 4 responses to each, at
   * temperature 0.6 and top-p 0.95. `false` measures nothing.
   */
  evaluation?: Partial<TrainEvaluation> | false
  /** A folder for the run, which must be new: metrics, responses, checkpoints, curves and the model. Nothing is kept without one. */
  run?: string
  /** Continue the run in the folder `run` from its newest checkpoint. */
  resume?: boolean
  /** Ends the training after the rollout at hand; the result then says `stopped`. */
  signal?: AbortSignal
  /** Called after each update, as soon as it is done. */
  onStep?: (step: TrainStep) => void
  /** Told of what the doctor finds as it trains (docs/doctor.md): the task's verifier before the first step, too. */
  onFinding?: (finding: Finding) => void
}

export interface TrainEvaluation {
  questions: number
  /** Responses to each. */
  samples: number
  temperature: number
  topP: number
}

/** One update, in figures. Means are over all responses of its rollout. */
export interface TrainStep extends StepMetrics {
  /** Updates done, this one included. */
  step: number
  /** Updates in all. */
  steps: number
  /** What sampling, scoring and training took. */
  seconds: number
  tokensPerSecond: number
}

export interface TrainResult<Model extends TrainedModel = TrainedModel> {
  /** The model that learned, still open: `sample` it, `evaluate` it, save it with `model.engine.save(folder)`. */
  model: Model
  /** How well it did before, on held-out questions; undefined without an evaluation. */
  base: RunFigures | undefined
  /** The same after the last step. */
  trained: RunFigures | undefined
  /** Updates done. */
  steps: number
  seconds: number
  /** Whether the signal, or the end of a `for await`, stopped it before its last step. */
  stopped: boolean
}

/** A training under way: await it for the result, or walk through its steps as they are done. */
export type Training<Model extends TrainedModel = TrainedModel> = Promise<TrainResult<Model>> &
  AsyncIterable<TrainStep>

/**
 * Trains a model by GRPO on a task. It begins at once.
 *
 *     const { base, trained } = await train({ task: 'pocket-countdown', steps: 20 })
 *
 *     for await (const { step, reward, accuracy } of train({ steps: 20 })) console.log(step, reward, accuracy)
 *
 * Leaving the loop stops the training. The training waits for no loop: a slow one gets its steps late, and none is lost.
 *
 * @throws {UserError} The promise rejects for a model, task or setting that cannot work, before anything is trained or written.
 */
export function train(options?: TrainOptions<LocalModel> & { model?: string }): Training<LocalModel>
export function train<Model extends TrainedModel>(options: TrainOptions<Model>): Training<Model>
export function train(options: TrainOptions = {}): Training {
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const done: TrainStep[] = []
  let wake = () => {}
  let news = Promise.resolve()
  const listen = () => {
    news = new Promise((resolve) => {
      wake = resolve
    })
  }
  listen()
  const result = trainOn(options, signal, (step) => {
    options.onStep?.(step)
    done.push(step)
    wake()
    listen()
  })
  return Object.assign(result, {
    async *[Symbol.asyncIterator]() {
      try {
        for (let next = 0; ; next++) {
          let over = false
          while (next === done.length && !over)
            over = await Promise.race([news.then(() => false), result.then(() => true)])
          if (next === done.length) return
          yield done[next]!
        }
      } finally {
        stop.abort()
      }
    },
  })
}

async function trainOn(
  options: TrainOptions,
  signal: AbortSignal,
  onStep: (step: TrainStep) => void,
): Promise<TrainResult> {
  const { seed = 1, model: given = 'pocket-base', task = 'pocket-countdown' } = options
  const config = grpoSettings(options)
  const evaluation = options.evaluation === false ? undefined : { ...EVALUATION, ...options.evaluation }
  const model = typeof given === 'string' ? await openModel(given, { minRowLength: 256, seed }) : given
  try {
    const form = { form: model.answerForm }
    const data = await trainingData(task, seed, evaluation?.questions ?? 1, form)
    return await trainModel(model, data, config, evaluation, { ...options, seed, signal, onStep })
  } catch (error) {
    if (model !== given) model.engine.close()
    throw error
  }
}

async function trainModel(
  model: TrainedModel,
  data: TrainingData,
  config: GrpoConfig,
  evaluation: TrainEvaluation | undefined,
  {
    seed,
    ...options
  }: Pick<TrainOptions, 'run' | 'resume' | 'rewards' | 'onFinding'> & {
    seed: number
    signal: AbortSignal
    onStep: (step: TrainStep) => void
  },
): Promise<TrainResult> {
  const { steps, maxTokens } = config
  const { maxPositions, answerForm } = model
  checkReinforcement('grpo', { name: 'grpo', config }, maxPositions)
  checkPrompts(data.listed ?? [], model, { maxTokens, maxPositions })
  const rewards = options.rewards ?? ruleRewards({ answerForm, maxTokens })
  checkRewarded(rewards)
  const { run, resume } = await openRunIn(options, {
    seed,
    model: model.folder,
    task: data.heldOut.name,
    rewards: Object.fromEntries(rewards.map(({ name, weight }) => [name, weight])),
    grpo: { ...config },
    ...(evaluation && { evaluation: { ...evaluation } }),
  })
  const started = performance.now()
  let last = resume?.step ?? 0
  try {
    const learned = await reinforcementStage(
      {
        model,
        algorithm: { name: 'grpo', config },
        question: data.question,
        rewards,
        checkpoints: { every: 10, keep: 2 },
        evaluations: evaluation === undefined ? [] : [heldOut(model, data, evaluation, maxTokens, seed)],
        measureBase: true,
        onFinding: options.onFinding,
        onStep({ step, metrics, timing }) {
          last = step
          const { sampleSeconds, scoreSeconds, trainSeconds, tokensPerSecond } = timing
          const seconds = sampleSeconds + scoreSeconds + trainSeconds
          options.onStep({ ...metrics, step, steps, seconds, tokensPerSecond })
        },
      },
      { run, resume, seed, signal: options.signal },
    )
    const result = {
      base: learned?.base,
      trained: learned?.trained,
      steps: last,
      seconds: learned?.seconds ?? (performance.now() - started) / 1000,
      stopped: learned === undefined,
    }
    if (!result.stopped && options.run !== undefined) {
      await run.finish({ ...result, run: run.folder })
      await writeRunReport(run.folder, { transcripts: await runTranscripts(run.folder, 2) })
    }
    return { model, ...result }
  } finally {
    run.close()
  }
}

const EVALUATION: TrainEvaluation = { questions: 64, samples: 4, temperature: 0.6, topP: 0.95 }

/** Those of the preset on-policy, where a step is a rollout and an update, and over them what was given. */
function grpoSettings({ steps, grpo = {} }: TrainOptions): GrpoConfig {
  const given = { ...grpo, ...(steps !== undefined && { steps }) }
  const schema = z.strictObject({ grpo: grpoConfig.prefault({}) })
  const layers = [
    { source: 'preset on-policy', values: { grpo: onPolicy.grpo } },
    { source: 'train', values: { grpo: given } },
  ]
  return resolveConfig(schema, layers).config.grpo
}

const heldOut = (
  model: TrainedModel,
  { heldOut: set }: TrainingData,
  { samples, temperature, topP }: TrainEvaluation,
  maxTokens: number,
  seed: number,
): NamedEvaluation<RunFigures> => ({
  suffix: '',
  measure: (signal) =>
    measureModel(model, { set, samples, sampling: { temperature, topP, maxTokens }, seed, signal }),
})

async function openRunIn(
  { run: folder, resume = false }: Pick<TrainOptions, 'run' | 'resume'>,
  config: JsonObject & { seed: number },
): Promise<Pick<RunContext, 'run' | 'resume'>> {
  const { seed } = config
  if (folder === undefined) return { run: unsavedRun('train', seed), resume: undefined }
  if (resume) {
    const run = await openRun(folder, { config, sources: {} })
    return { run, resume: (await run.resume()).checkpoint }
  }
  const created = new Date().toISOString()
  const info = { recipe: 'train', version: packageVersion(), seed, created, config, sources: {} }
  return { run: await createRun(folder, info), resume: undefined }
}
