/**
 * R1-Zero (R1 §2.2.4): GRPO on a base model, no SFT, rule rewards, the paper's template. Measures the base, trains,
 * measures again, and leaves the evidence in the run's folder. For comparison, PPO with a critic in GRPO's place (R1 v2 SA.3).
 */

import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { criticConfig } from '../algorithms/critic-config.ts'
import type { GrpoStep } from '../algorithms/grpo.ts'
import { checkPpo, grpoConfig } from '../algorithms/grpo-config.ts'
import { ConfigError } from '../errors.ts'
import { measureModel, type RunFigures } from '../evaluation/measure-model.ts'
import { type ModelText, openModelText } from '../loading/local-model.ts'
import { openScalarModel } from '../loading/local-scalar-model.ts'
import { checkPrompts } from '../loading/prompt-length.ts'
import { checkReinforcement, formRewardOf, reinforce, trainingSettings } from '../pipeline/reinforcement.ts'
import { checkTrainedModel, openTrainedModel, type TrainedModel } from '../pipeline/trained-model.ts'
import { writeRunReport } from '../report/run-report.ts'
import type { Transcript } from '../report/transcript.ts'
import { accuracyReward } from '../rewards/accuracy.ts'
import { languageConsistencyReward } from '../rewards/language-consistency.ts'
import { overlongReward } from '../rewards/overlong.ts'
import { ownReward } from '../rewards/own-reward.ts'
import type { Reward } from '../rewards/reward.ts'
import type { Group } from '../rollout/rollout.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { startClock } from '../run/clock.ts'
import type { Run } from '../run/folder.ts'
import { loadTask, type TrainingData } from '../tasks/load-task.ts'
import type { QuestionSet } from '../tasks/task.ts'
import { BOXED_DIRECTIVE } from '../text/boxed-directive.ts'
import { deepseekV3, qwen7b, qwen15b } from './presets/full-size.ts'
import { pocket } from './presets/pocket.ts'

const weight = z.number().min(0)
const field = z.string().nullable().default(null)

export const r1ZeroConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Of every random stream'),
  model: z.string().default('pocket-base').describe('Base model: pocket-base, a model folder or a run'),
  task: z
    .string()
    .default('pocket-countdown')
    .describe('Task by name, data file or TypeScript file (docs/tasks.md); several parted by commas'),
  questionField: field.describe("A file's field of the question; null takes the usual names"),
  answerField: field.describe("A file's field of the reference answer; a dot reaches into objects"),
  template: z
    .enum(['r1-zero', 'model'])
    .default('r1-zero')
    .describe("The prompt: R1-Zero's (Table 1), or the model's own chat template"),
  instruction: z
    .string()
    .default(BOXED_DIRECTIVE)
    .describe('What follows each question of word-problems and of files'),
  rewards: z
    .strictObject({
      accuracy: weight.default(1).describe('Weight of a right answer'),
      format: weight.default(1).describe('Weight of the thinking and answer tags in place'),
      languageConsistency: weight.default(0).describe("Weight of the question's language in the thinking"),
      overlong: weight.default(0).describe("Weight of DAPO's soft penalty near maxTokens"),
      file: z.string().nullable().default(null).describe('TypeScript file that exports one more `reward`'),
    })
    .prefault({}),
  algorithm: z.enum(['grpo', 'ppo']).default('grpo').describe('ppo: a critic in place of the group'),
  grpo: grpoConfig.prefault({}),
  critic: criticConfig.prefault({}),
  evaluation: z
    .strictObject({
      questions: z.int().min(1).default(256).describe('Held-out questions'),
      samples: z.int().min(1).default(16).describe('k responses to each'),
      temperature: z.number().min(0).default(0.6).describe("The paper's"),
      topP: z.number().min(0).max(1).default(0.95).describe("The paper's"),
      sideBySide: z
        .boolean()
        .default(false)
        .describe('Also measure at temperature 1 (a quarter of the responses) and greedily'),
      every: z
        .int()
        .min(0)
        .default(0)
        .describe('Evaluate an eighth of the questions every so many steps; 0 is never'),
    })
    .prefault({}),
  int8Rollouts: z
    .boolean()
    .default(false)
    .describe(
      'Rollouts are sampled with weights and activations rounded to 8 bits; needs grpo.importanceCap',
    ),
  ...trainingSettings,
})
export type R1ZeroConfig = z.infer<typeof r1ZeroConfig>

export const presets = {
  pocket,
  paper: {},
  'qwen2.5-1.5b': qwen15b,
  'qwen2.5-7b': qwen7b,
  'deepseek-v3': deepseekV3,
}

export interface R1ZeroResult {
  base: RunFigures
  trained: RunFigures
  seconds: number
  steps: number
  run: string
}

export interface R1ZeroOptions {
  config: R1ZeroConfig
  run: Run
  /** The checkpoint to go on from. */
  resume?: Checkpoint
  signal?: AbortSignal | undefined
  onPhase?: (phase: 'base' | 'train' | 'trained') => void
  onStep?: (step: GrpoStep) => void
  /** What a server that trains says of itself, and when it is waited for. */
  onNote?: (text: string) => void
}

/** Undefined where the signal stopped it; the run's folder then holds a checkpoint of the last rollout. */
export async function r1Zero(
  options: R1ZeroOptions,
): Promise<{ result: R1ZeroResult; transcripts: Transcript[] } | undefined> {
  const { config, run, resume, signal } = options
  const seconds = startClock(resume)
  const { microBatchTokens, recompute } = config
  const model = await openTrainedModel(config, {
    minRowLength: 256,
    chatTemplate: chatTemplateOf(config),
    note: options.onNote,
  })
  const critic =
    config.algorithm === 'ppo'
      ? (
          await openScalarModel(config.model, {
            microBatchTokens,
            minRowLength: 256,
            recompute,
            seed: config.seed,
          })
        ).model
      : undefined
  try {
    const { question, heldOut } = await trainingData(config)
    const rewards = await loadRewards(config, model)

    options.onPhase?.('base')
    const before = await measured(options, model, heldOut, 'base')
    if (before === undefined) return undefined

    if (resume === undefined) run.log({ step: 0, evaluation: { ...before.figures } })

    options.onPhase?.('train')
    // Where a finished training goes on to more steps, its closing figures are of fewer.
    if ((resume?.step ?? 0) < config.grpo.steps) await discardFigures(run.folder, 'trained')
    await reinforce({
      model,
      run,
      config,
      ...(config.int8Rollouts && { sampler: model.engine.int8Sampler!() }),
      question,
      rewards,
      critic: critic && { model: critic, config: config.critic },
      resume,
      signal,
      seconds,
      onStep: options.onStep,
      evaluation: {
        every: config.evaluation.every,
        async measure() {
          const { questions } = heldOut
          const part = { ...heldOut, questions: questions.slice(0, Math.ceil(questions.length / 8)) }
          const [report] = decodings(config.evaluation)
          // Not to be cut short: a resumed run would lack this line.
          return (await measureModel(model, { ...measureOptions(config, report), set: part }))!
        },
      },
    })
    if (signal?.aborted) return undefined

    options.onPhase?.('trained')
    const after = await measured(options, model, heldOut, 'trained')
    if (after === undefined) return undefined
    await model.engine.save(join(run.folder, 'model'))
    await run.logClosing(config.grpo.steps, { ...after.figures })
    const transcripts = chooseTranscripts(before.groups, after.groups)
    const result = {
      base: before.figures,
      trained: after.figures,
      seconds: seconds(),
      steps: config.grpo.steps,
      run: run.folder,
    }
    await run.finish({ ...result })
    await writeRunReport(run.folder, { transcripts })
    return { result, transcripts }
  } finally {
    model.engine.close()
    critic?.close()
  }
}

/** Throws for a model, task or reward that is not there, before a run leaves any trace. */
export async function checkR1Zero(config: R1ZeroConfig): Promise<void> {
  const { algorithm, grpo } = config
  if (algorithm === 'ppo') checkPpo(grpo)
  if (config.int8Rollouts && grpo.importanceCap === null)
    throw new ConfigError('rollouts in int8 are not quite the policy that is trained.', {
      field: 'int8Rollouts',
      value: true,
      remedy: 'Weigh their tokens by how likely the policy finds them: --set grpo.importanceCap=2',
    })
  const takesTurns = algorithm === 'grpo' && grpo.staleness === 0 && grpo.deadline === null
  if (config.int8Rollouts && !(takesTurns && config.engine.url === null))
    throw new ConfigError(
      'rollouts in int8 are for GRPO in this process, sampling and training taking turns.',
      {
        field: 'int8Rollouts',
        value: true,
        remedy: 'Leave algorithm, engine.url, grpo.staleness and grpo.deadline at their defaults.',
      },
    )
  const maxPositions = await checkTrainedModel(config, { section: 'grpo', adamw: grpo, ...grpo })
  checkReinforcement('grpo', grpo, maxPositions)
  const { listed = [] } = await trainingData(config)
  if (listed.length > 0)
    checkPrompts(listed, await openModelText(config.model, chatTemplateOf(config)), {
      maxTokens: grpo.maxTokens,
      maxPositions,
    })
  if (config.rewards.file !== null) await ownReward(config.rewards.file)
}

const chatTemplateOf = ({ template }: R1ZeroConfig) => (template === 'model' ? undefined : null)

function trainingData(config: R1ZeroConfig): Promise<TrainingData> {
  const { task, seed, evaluation, instruction, questionField, answerField } = config
  const fields = { questionField: questionField ?? undefined, answerField: answerField ?? undefined }
  return loadTask(task, seed, evaluation.questions, instruction, fields)
}

async function loadRewards(config: R1ZeroConfig, model: ModelText): Promise<Reward[]> {
  const {
    rewards: weights,
    grpo: { maxTokens },
  } = config
  const rewards = [accuracyReward({ weight: weights.accuracy }), formRewardOf(model, weights.format)]
  if (weights.languageConsistency > 0)
    rewards.push(languageConsistencyReward({ weight: weights.languageConsistency }))
  if (weights.overlong > 0) rewards.push(overlongReward({ weight: weights.overlong, maxTokens }))
  if (weights.file !== null) rewards.push(await ownReward(weights.file))
  return rewards
}

interface Decoding {
  /** Behind the name of the result's file. */
  suffix: string
  samples: number
  temperature: number
  topP: number
}

/** The paper's way to decode first; sharpening and learning are told apart by the others. */
function decodings({
  samples,
  temperature,
  topP,
  sideBySide,
}: R1ZeroConfig['evaluation']): [Decoding, ...Decoding[]] {
  const report = { suffix: '', samples, temperature, topP }
  if (!sideBySide) return [report]
  return [
    report,
    { suffix: '-temperature-1', samples: Math.ceil(samples / 4), temperature: 1, topP: 1 },
    { suffix: '-greedy', samples: 1, temperature: 0, topP: 1 },
  ]
}

const measureOptions = ({ seed, grpo }: R1ZeroConfig, { samples, temperature, topP }: Decoding) => ({
  samples,
  sampling: { temperature, topP, maxTokens: grpo.maxTokens },
  seed,
})

/**
 * The figures of `evaluations/<name>.json`, measured where they are not there yet, and responses for transcripts; undefined
 * where the signal stopped it.
 */
async function measured(
  { run, config, signal }: R1ZeroOptions,
  model: TrainedModel,
  heldOut: QuestionSet,
  name: string,
): Promise<{ figures: RunFigures; groups: Group[] } | undefined> {
  const [report, ...others] = decodings(config.evaluation)
  const measure = async (decoding: Decoding) => {
    const file = join(run.folder, 'evaluations', `${name}${decoding.suffix}.json`)
    const known = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as RunFigures) : undefined
    // On resume the figures are known, but transcripts need a few responses again.
    const set = known === undefined ? heldOut : { ...heldOut, questions: heldOut.questions.slice(0, 16) }
    const measurement = await measureModel(model, { ...measureOptions(config, decoding), set, signal })
    if (measurement === undefined) return undefined
    const { figures, groups } = measurement
    if (known === undefined) {
      await run.writeResponses(`${name}${decoding.suffix}`, rolloutRows(groups))
      await run.writeEvaluation(`${name}${decoding.suffix}`, { ...figures })
    }
    return { figures: known ?? figures, groups }
  }
  const result = await measure(report)
  for (const decoding of others) if ((await measure(decoding)) === undefined) return undefined
  return result
}

async function discardFigures(folder: string, name: string): Promise<void> {
  const evaluations = join(folder, 'evaluations')
  for (const file of await readdir(evaluations)) if (file.startsWith(name)) await rm(join(evaluations, file))
}

/** Two questions that the base got wrong and the trained model right, with the first response of each. */
function chooseTranscripts(before: readonly Group[], after: readonly Group[]): Transcript[] {
  const pairs = before.flatMap((group) => {
    const later = after.find(({ question }) => question.id === group.question.id)
    return later === undefined ? [] : [{ group, later }]
  })
  const score = ({ rollouts }: Group) => Number(rollouts[0]!.reward > 0)
  return pairs
    .sort((a, b) => score(b.later) - score(b.group) - (score(a.later) - score(a.group)))
    .slice(0, 2)
    .map(({ group, later }) => ({
      question: group.question.prompt,
      answer: group.question.answer,
      responses: [
        { name: 'base', ...spoken(group) },
        { name: 'R1-Zero', ...spoken(later) },
      ],
    }))
}

const spoken = ({ rollouts: [first] }: Group) => ({
  text: first!.text,
  correct: first!.reward > 0,
  numTokens: first!.tokens.length,
})
