/** The kinds of stages that the R1 pipeline is made of: reinforcement, fine-tuning, and the data between them. */
import { join } from 'node:path'
import { z } from 'zod'
import { type JsonObject, writeJsonl } from '../disk/jsonl.ts'
import { replaceFile } from '../disk/replace-file.ts'
import { DataError } from '../errors.ts'
import { accuracyReward } from '../rewards/accuracy.ts'
import { formatReward, thinkFormatReward } from '../rewards/format.ts'
import { languageConsistencyReward } from '../rewards/language-consistency.ts'
import type { Reward } from '../rewards/reward.ts'
import { openLocalModel } from '../rollout/local-model.ts'
import type { Rollout } from '../rollout/rollout.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import type { AskedQuestion } from '../rollout/sample-groups.ts'
import type { GrpoConfig } from '../stages/grpo-config.ts'
import { type DomainCounts, type ResponseFilter, rejectionSampling } from '../stages/rejection-sampling.ts'
import type { SftConfig } from '../stages/sft-config.ts'
import type { StageContext } from './pipeline.ts'
import { reinforce, trainingSettings } from './reinforcement.ts'
import { supervisedFineTuning } from './sft.ts'
import type { SftRow } from './sft-data.ts'
import { type StageEvaluation, stageEvaluation, stageFigures } from './stage-figures.ts'
import { loadWorld, type World } from './world.ts'

/** The settings that all stages of a pipeline share. */
export const stageFields = {
  world: z
    .string()
    .default('pocket')
    .describe('Questions, requests and preferences: pocket, or a TypeScript file that exports `world`'),
  evaluation: stageEvaluation,
  checkpointEvery: trainingSettings.checkpointEvery,
  microBatchTokens: trainingSettings.microBatchTokens,
}

/** The same, with the world at hand. */
export interface StageSettings {
  world: World
  evaluation: StageEvaluation
  checkpointEvery: number
  microBatchTokens: number
}

export async function stageSettings({
  world,
  evaluation,
  checkpointEvery,
  microBatchTokens,
}: Omit<StageSettings, 'world'> & { world: string }): Promise<StageSettings> {
  return { world: await loadWorld(world), evaluation, checkpointEvery, microBatchTokens }
}

/** Row of `data.jsonl`. */
interface DataRow extends SftRow {
  domain: string
}

export const DATA = 'data.jsonl'
export const COUNTS = 'counts.json'
const TEMPLATE = 'chat_template.jinja'

/** Figures of a model that a stage made, in `evaluations/<name>.json` beside its responses. */
export async function measure(
  name: string,
  path: string,
  { world, evaluation }: StageSettings,
  { run, signal }: StageContext,
): Promise<JsonObject | undefined> {
  const model = await openLocalModel(path)
  try {
    const { figures, groups } = await stageFigures(model, world, evaluation, signal)
    if (signal?.aborted) return undefined
    await run.writeResponses(name, rolloutRows(groups))
    await run.writeEvaluation(name, { ...figures })
    return { ...figures }
  } finally {
    model.engine.close()
  }
}

export interface Reinforcement {
  model: string
  grpo: GrpoConfig
  /** Weight of the question's language in the thinking; 0 is off. */
  languageConsistency: number
  /** Rewards besides accuracy, format and language. */
  rewards?: readonly Reward[]
  /** Training question `index`; the world's verified ones otherwise. */
  question?: (index: number) => AskedQuestion
  /** Also measure the model that it starts from, as `base`. */
  measureBase?: boolean
}

export async function reinforcementStage(
  settings: StageSettings,
  { model: path, grpo, languageConsistency, rewards = [], question, measureBase }: Reinforcement,
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, resume, seed, signal, progress } = context
  const { world, checkpointEvery, microBatchTokens } = settings
  const started = performance.now() - 1000 * Number(resume?.state.seconds ?? 0)
  const seconds = () => (performance.now() - started) / 1000
  if (measureBase && resume === undefined) {
    const evaluation = await measure('base', path, settings, context)
    if (evaluation === undefined) return undefined
    run.log({ step: 0, evaluation })
  }
  const model = await openLocalModel(path, { microBatchTokens, minRowLength: 256 })
  try {
    const reasoning = await world.reasoning(seed, 1)
    const format = model.answerForm === 'tags' ? formatReward() : thinkFormatReward()
    await reinforce({
      model,
      run,
      config: { seed, grpo, checkpointEvery, keepCheckpoints: 1 },
      question: question ?? reasoning.question,
      rewards: [
        accuracyReward(),
        format,
        ...(languageConsistency > 0 ? [languageConsistencyReward({ weight: languageConsistency })] : []),
        ...rewards,
      ],
      resume,
      signal,
      seconds,
      onStep: ({ step, metrics: { accuracy, meanTokens, reward } }) =>
        progress(
          step,
          grpo.steps,
          `reward ${reward?.toFixed(2)}  accuracy ${accuracy?.toFixed(2)}  tokens ${meanTokens?.toFixed(0)}`,
        ),
    })
    if (signal?.aborted) return undefined
    await model.engine.save(join(run.folder, 'model'))
  } finally {
    model.engine.close()
  }
  const figures = await measure('trained', join(run.folder, 'model'), settings, context)
  if (figures === undefined) return undefined
  run.log({ step: grpo.steps, evaluation: figures })
  return { figures, seconds: seconds(), steps: grpo.steps }
}

/** Fine-tunes `model` on the data of the stages `from`, with the world's chat template. */
export async function fineTuningStage(
  settings: StageSettings,
  { model, sft, data }: { model: string; sft: SftConfig; data: string },
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, resume, seed, signal, progress } = context
  const result = await supervisedFineTuning({
    config: {
      seed,
      model,
      data: join(context.input(data), DATA),
      chatTemplate: join(context.input(data), TEMPLATE),
      sft,
      checkpointEvery: 50,
      keepCheckpoints: 1,
      microBatchTokens: settings.microBatchTokens,
      lora: { rank: 0, alpha: 32, targets: ['all-linear'] },
      recompute: false,
    },
    run,
    resume,
    signal,
    onStep: ({ step, loss }, steps) => progress(step, steps, `loss ${loss.toFixed(3)}`),
  })
  if (result === undefined) return undefined
  const figures = await measure('trained', join(run.folder, 'model'), settings, context)
  return figures && { ...result, figures }
}

export interface Sampling {
  model: string
  questions: number
  samples: number
  keep: number
  temperature: number
  maxTokens: number
  filters: readonly ResponseFilter[]
  /** The responses as they are learned; null leaves one out. */
  rewrite?: (
    accepted: readonly Rollout[],
    task: (rollout: Rollout) => AskedQuestion['task'],
    context: StageContext,
  ) => Promise<(string | null)[]>
  /** So many demonstrations of general requests beside it. */
  demonstrations: number
}

/** Verified responses of a model and demonstrations of general requests, in `data.jsonl`, counted in `counts.json`. */
export async function dataStage(
  { world }: StageSettings,
  { model: path, questions, demonstrations, rewrite, ...sampling }: Sampling,
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, seed, signal, progress } = context
  const started = performance.now()
  const model = await openLocalModel(path)
  try {
    const { question } = await world.reasoning(seed, 1)
    const { temperature, maxTokens, ...rest } = sampling
    const asked = Array.from({ length: questions }, (_, i) => question(FIRST_QUESTION + i))
    const sampled = await rejectionSampling(asked, {
      ...rest,
      policy: model.engine,
      tokenizer: model.tokenizer,
      renderPrompt: ({ prompt }) => model.renderPrompt(prompt),
      sampling: { temperature, maxTokens, topP: 1 },
      batch: 64,
      seed: `${seed}/${run.folder.split('/').at(-1)}`,
      signal,
      onBatch: (done) => progress(done, questions),
    })
    if (sampled === undefined) return undefined
    const { accepted } = sampled
    const taskOf = new Map(asked.map((of) => [of.question, of.task]))
    const responses = rewrite
      ? await rewrite(accepted, (rollout) => taskOf.get(rollout.question)!, context)
      : accepted.map(({ text }) => text)
    if (signal?.aborted) return undefined
    const rows = accepted.flatMap(({ question: { id, prompt } }, i): DataRow[] => {
      const response = responses[i]
      return response == null ? [] : [{ domain: id.split('/')[0]!, prompt, response }]
    })
    if (rows.length === 0)
      throw new DataError('no response of this model was right and readable.', {
        field: path,
        remedy: 'Train it longer first, or ask it more questions.',
      })
    for (let i = 0; i < demonstrations; i++) {
      const { prompt, response } = world.demonstration(seed, i)
      rows.push({ domain: world.general.name, prompt, response })
    }
    const counts = withRows(sampled.counts, rows, model.tokenizer.encode, world.general.name)
    await writeJsonl(join(run.folder, DATA), rows)
    await replaceFile(join(run.folder, TEMPLATE), world.chatTemplate)
    await replaceFile(join(run.folder, COUNTS), `${JSON.stringify(counts, null, 2)}\n`)
    return { rows: rows.length, seconds: (performance.now() - started) / 1000 }
  } finally {
    model.engine.close()
  }
}

/** Sampled questions are others than those of reinforcement, which begins at 0. */
const FIRST_QUESTION = 10_000_000

/** The counts of sampling, and what is in the data in the end: rows and mean tokens. */
function withRows(
  counts: Record<string, DomainCounts>,
  rows: readonly DataRow[],
  encode: (text: string) => Int32Array,
  general: string,
): Record<string, Partial<DomainCounts> & { rows: number; meanTokens: number }> {
  return Object.fromEntries(
    [...Object.keys(counts), general].map((domain) => {
      const of = rows.filter((row) => row.domain === domain)
      const tokens = of.reduce((sum, { response }) => sum + encode(response).length, 0)
      return [domain, { ...counts[domain], rows: of.length, meanTokens: tokens / of.length }]
    }),
  )
}
