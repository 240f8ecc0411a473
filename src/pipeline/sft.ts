/**
 * Supervised fine-tuning of a model on files of prompts and responses (R1 v2 SB.4.2): `r1 train sft`, and a stage of
 * the R1 pipeline. The fine-tuned model is in the run's folder, with the chat template it was trained with.
 */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type SftStep, sft, sftSteps } from '../algorithms/sft.ts'
import { sftConfig } from '../algorithms/sft-config.ts'
import { ConfigError } from '../errors.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { startClock } from '../run/clock.ts'
import type { Run } from '../run/folder.ts'
import { R1_CHAT_TEMPLATE } from '../text/chat-template.ts'
import { trainingSettings } from './reinforcement.ts'
import { checkSftData, readSftData, splitValidation } from './sft-data.ts'
import { checkTrainedModel, openTrainedModel } from './trained-model.ts'

export const sftRecipeConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Of the order of the examples and which of them validate'),
  model: z
    .string()
    .default('pocket-base')
    .describe('Model to start from: a model folder, a run or pocket-base'),
  data: z
    .string()
    .default('')
    .describe('JSONL or Parquet files, parted by commas: prompt and response, or messages'),
  chatTemplate: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "A Jinja file, or r1 for R1's own; the model's own template otherwise, R1-Zero's where it has none",
    ),
  sft: sftConfig.prefault({}),
  ...trainingSettings,
})
export type SftRecipeConfig = z.infer<typeof sftRecipeConfig>

export const sftPresets = {
  paper: {},
  // A model of two million parameters wants small batches and a learning rate twenty times the paper's.
  pocket: { sft: { batchSize: 32, learningRate: 1e-3, maxTokens: 512 }, checkpointEvery: 50 },
}

export interface SftResult {
  examples: number
  tooLong: number
  steps: number
  /** Response tokens read. */
  tokens: number
  validationLoss?: number
  seconds: number
  run: string
}

export interface SftRecipeOptions {
  config: SftRecipeConfig
  run: Run
  resume?: Checkpoint | undefined
  signal?: AbortSignal | undefined
  /** Before the first update: how many there are. */
  onPlan?: (plan: { examples: number; tooLong: number; steps: number }) => void
  onStep?: (step: SftStep, steps: number) => void
  /** What a server that trains says of itself, and when it is waited for. */
  onNote?: (text: string) => void
}

/** Undefined where the signal stopped it; the run's folder then holds a checkpoint. The run is left for the caller to finish. */
export async function supervisedFineTuning(options: SftRecipeOptions): Promise<SftResult | undefined> {
  const { config, run, resume, signal } = options
  const seconds = startClock(resume)
  const model = await openTrainedModel(config, {
    chatTemplate: await chatTemplate(config),
    note: options.onNote,
  })
  const { engine } = model
  try {
    const limit = Math.min(config.sft.maxTokens, model.maxPositions)
    const { examples: read, tooLong } = await readSftData(files(config), model, limit)
    const { examples, validation } = splitValidation(read, config.sft.validationShare, config.seed)
    const steps = sftSteps(config.sft, examples.length)
    options.onPlan?.({ examples: examples.length, tooLong, steps })
    if (resume !== undefined) await engine.load(resume.folder, { optimizer: true })
    let tokens = Number(resume?.state.tokens ?? 0)
    let validationLoss = resume?.state.validationLoss as number | undefined
    let since = performance.now()
    await sft({
      engine,
      config: config.sft,
      seed: config.seed,
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
        if (step.step % config.checkpointEvery !== 0 && step.step < steps && !signal?.aborted) return
        await run.saveCheckpoint({
          step: step.step,
          state: { tokens, seconds: seconds(), ...(validationLoss !== undefined && { validationLoss }) },
          keep: config.keepCheckpoints,
          write: (folder) => engine.save(folder, { optimizer: true }),
        })
      },
    })
    if (signal?.aborted) return undefined
    await engine.save(join(run.folder, 'model'))
    return {
      examples: examples.length,
      tooLong,
      steps,
      tokens,
      ...(validationLoss !== undefined && { validationLoss }),
      seconds: seconds(),
      run: run.folder,
    }
  } finally {
    engine.close()
  }
}

/** Throws for a model, template or example that is not there or is none, before a run leaves any trace. */
export async function checkSft(config: SftRecipeConfig): Promise<void> {
  await checkTrainedModel(config, { section: 'sft', adamw: config.sft })
  await chatTemplate(config)
  if (files(config).length === 0)
    throw new ConfigError('what is it to learn from?', {
      field: 'data',
      remedy: 'Name files of prompts and responses: --set data=examples.jsonl',
    })
  const missing = files(config).find((path) => !existsSync(path))
  if (missing !== undefined)
    throw new ConfigError('there is no such file.', { field: 'data', value: missing })
  if ((await checkSftData(files(config))) === 0)
    throw new ConfigError('there is nothing to learn from.', {
      field: 'data',
      value: config.data,
      expected: 'rows of prompt and response, or messages',
    })
}

const files = ({ data }: SftRecipeConfig) =>
  data
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')

async function chatTemplate({ chatTemplate: asked }: SftRecipeConfig): Promise<string | undefined> {
  if (asked === null) return undefined
  if (asked === 'r1') return R1_CHAT_TEMPLATE
  return await readFile(asked, 'utf8').catch((cause) => {
    throw new ConfigError('the template cannot be read.', {
      field: 'chatTemplate',
      value: asked,
      expected: 'a Jinja file, or r1',
      cause,
    })
  })
}
