/**
 * The pocket base model: a synthetic web of guesses and searches, and a decoder trained on it from nothing. It stands
 * for DeepSeek-V3-Base (R1 §2.2.4): it has seen reasoning, but seldom reasons by itself.
 */

import { join } from 'node:path'
import { z } from 'zod'
import { type PretrainStep, pretrain, pretrainConfig } from '../algorithms/pretrain.ts'
import { createEmbeddedEngine } from '../engine/embedded/local-engine.ts'
import { measureModel, type RunFigures } from '../evaluation/measure-model.ts'
import { openRuntime } from '../loading/device.ts'
import { promptTemplate } from '../loading/prompt-template.ts'
import type { DecoderConfig } from '../model/config.ts'
import { numParameters } from '../model/parameters.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { startClock } from '../run/clock.ts'
import type { Run } from '../run/folder.ts'
import { CORPUS_DEFAULTS } from '../tasks/pocket/config.ts'
import { corpusDocument } from '../tasks/pocket/corpus.ts'
import { type CorpusFacts, corpusFacts } from '../tasks/pocket/corpus-facts.ts'
import { pocketHeldOut } from '../tasks/pocket/task.ts'
import { pocketTokenizerFiles } from '../text/pocket-tokenizer.ts'
import { renderR1Zero } from '../text/r1-zero-template.ts'
import { tokenizerFromFiles } from '../text/tokenizer.ts'
import { pocketV3 } from './presets/pocket-v3.ts'

const size = z.int().min(1)

const deepseekV3Shape = z
  .strictObject({
    queryRank: z
      .int()
      .min(0)
      .default(0)
      .describe('Rank of the query projection (q_lora_rank); 0 is a plain projection'),
    latentSize: size
      .default(64)
      .describe('Size of the latent that keys and values are computed from (kv_lora_rank)'),
    plainHeadSize: size.default(32).describe('Size of the part of a head without positions'),
    rotaryHeadSize: size
      .default(16)
      .describe('Size of the part of a head with rotary positions; must be even'),
    valueHeadSize: size.default(48),
    numDenseLayers: z
      .int()
      .min(0)
      .default(1)
      .describe('How many of the first layers are dense (without experts)'),
    experts: size.default(8).describe('Routed experts in each layer'),
    expertsPerToken: size.default(2).describe('Routed experts for each token'),
    sharedExperts: size.default(1).describe('Experts that every token passes through'),
    expertSize: size.default(112).describe('Inner size of one expert'),
    groups: size.default(1).describe('Groups that the routed experts are divided into'),
    groupsPerToken: size.default(1).describe('Groups that a token may choose its experts from'),
    factor: z
      .number()
      .positive()
      .default(1)
      .describe('Factor on the weights of the routed experts, which sum to 1'),
    predictionModules: z.int().min(0).max(1).default(1).describe('Multi-token prediction modules: 0 or 1'),
  })
  .superRefine(({ rotaryHeadSize, experts, expertsPerToken, groups, groupsPerToken }, { addIssue }) => {
    const wrong = (name: string, input: number, message: string) =>
      addIssue({ code: 'custom', path: [name], input, message })
    if (rotaryHeadSize % 2 !== 0) wrong('rotaryHeadSize', rotaryHeadSize, 'an even number')
    if (experts % groups !== 0 || experts / groups < 2)
      wrong('groups', groups, `a divisor of the ${experts} experts, with two or more in a group`)
    if (groupsPerToken > groups) wrong('groupsPerToken', groupsPerToken, `at most the ${groups} groups`)
    if (expertsPerToken > (groupsPerToken * experts) / groups)
      wrong(
        'expertsPerToken',
        expertsPerToken,
        `at most the ${(groupsPerToken * experts) / groups} experts in reach`,
      )
  })

export const pretrainRecipeConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Seed of the initial weights and the corpus'),
  model: z
    .strictObject({
      architecture: z.enum(['qwen2', 'llama', 'deepseek_v3']).default('qwen2'),
      hiddenSize: size.default(192),
      intermediateSize: size.default(512),
      numLayers: size.default(4),
      numHeads: size.default(4),
      numKeyValueHeads: size.default(4),
      maxPositions: size.default(512).describe('Longest sequence in tokens, prompt included'),
      deepseekV3: deepseekV3Shape
        .prefault({})
        .describe('Sizes that only DeepSeek-V3 has; other architectures ignore them'),
    })
    .superRefine(({ architecture, hiddenSize, numHeads, numKeyValueHeads }, { addIssue }) => {
      if (architecture === 'deepseek_v3') return
      const wrong = (name: string, input: number, message: string) =>
        addIssue({ code: 'custom', path: [name], input, message })
      if (hiddenSize % (2 * numHeads) !== 0)
        wrong('hiddenSize', hiddenSize, `a multiple of twice the ${numHeads} heads`)
      if (numHeads % numKeyValueHeads !== 0)
        wrong('numKeyValueHeads', numKeyValueHeads, `a divisor of the ${numHeads} heads`)
    })
    .prefault({})
    .describe('Shape of the decoder: Qwen2 or Llama with a tied head, or DeepSeek-V3'),
  corpus: settingsLike(CORPUS_DEFAULTS).prefault({}).describe('What the synthetic web consists of'),
  pretrain: pretrainConfig.prefault({}),
  annealing: z
    .strictObject({
      steps: z.int().min(0).default(100).describe('Number of updates in this last part'),
      wait: z.number().min(0).max(1).default(0.5).describe('Chance that a search says `wait` before a try'),
    })
    .prefault({})
    .describe('A last part of the training, on a corpus whose searches hesitate more often'),
  evaluation: z
    .strictObject({
      questions: size.default(256).describe('Number of held-out problems'),
      samples: size.default(16).describe('Responses to each question: the k of pass@k'),
    })
    .prefault({}),
  checkpointEvery: size.default(100).describe('Steps between checkpoints'),
  microBatchTokens: size
    .default(1024)
    .describe('Tokens in one forward and backward pass of the embedded engine: fewer need less memory'),
})
export type PretrainRecipeConfig = z.infer<typeof pretrainRecipeConfig>

export const pretrainPresets = { pocket: {}, 'pocket-v3': pocketV3 }

/** A schema of the same fields with these values as defaults: shares and whole numbers, none below 0. */
function settingsLike<T>(defaults: T): z.ZodType<T, Partial<T>> {
  const one = (value: unknown): z.ZodType => {
    if (typeof value === 'number') return (value > 1 ? size : z.number().min(0)).default(value)
    if (Array.isArray(value)) return z.array(size).length(value.length).default(value)
    const fields = Object.entries(value as object).map(([name, inner]) => [name, one(inner)])
    return z.strictObject(Object.fromEntries(fields)).prefault({})
  }
  return one(defaults) as z.ZodType<T, Partial<T>>
}

export interface PretrainOptions {
  config: PretrainRecipeConfig
  run: Run
  resume?: Checkpoint
  signal?: AbortSignal
  onStep: (step: PretrainStep & { tokensPerSecond: number }) => void
}

export interface PretrainResult {
  parameters: number
  tokens: number
  seconds: number
  corpus: CorpusFacts
  /** Held-out Countdown at temperature 1, at the paper's 0.6 with top-p 0.95, and greedy. */
  heldOut: { sampled: RunFigures; report: RunFigures; greedy: RunFigures }
}

/** Undefined where the signal stopped it. */
export async function pretrainPocketBase(options: PretrainOptions): Promise<PretrainResult | undefined> {
  const { config, run, resume, signal } = options
  const seconds = startClock(resume)
  const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())
  const shape = modelShape(config, tokenizer.vocabSize)
  const engine = createEmbeddedEngine({
    runtime: await openRuntime(),
    config: shape,
    seed: config.seed,
    microBatchTokens: config.microBatchTokens,
    minRowLength: config.corpus.maxTokens,
    auxiliary: { balance: config.pretrain.balanceWeight, prediction: config.pretrain.predictionWeight },
    companionFiles: tokenizer.files,
  })
  try {
    if (resume !== undefined) await engine.load(resume.folder, { optimizer: true })
    const template = renderR1Zero('')
    const introduction = template.slice(0, template.indexOf('User:'))
    const unweighted = tokenizer.encode(introduction.trimEnd()).length
    let tokens = Number(resume?.state.tokens ?? 0)
    let since = performance.now()
    const { corpus, annealing } = config
    const annealed = { ...corpus, noise: { ...corpus.noise, wait: annealing.wait } }
    const annealsFrom = config.pretrain.steps - annealing.steps
    let done = resume?.step ?? 0
    await pretrain({
      engine,
      config: config.pretrain,
      // The template's introduction is the same everywhere: read, but not learned.
      document(index) {
        const { text } = corpusDocument(done < annealsFrom ? corpus : annealed, config.seed, index)
        return { tokens: tokenizer.encode(text), unweighted: text.startsWith(introduction) ? unweighted : 0 }
      },
      ...(resume && { from: { step: resume.step, documents: Number(resume.state.documents) } }),
      ...(signal && { signal }),
      async onStep(step) {
        tokens += step.tokens
        done = step.step
        const now = performance.now()
        const tokensPerSecond = (step.tokens / (now - since)) * 1000
        since = now
        run.log({ ...step })
        run.logTiming({ step: step.step, tokensPerSecond })
        options.onStep({ ...step, tokensPerSecond })
        const last = step.step === config.pretrain.steps
        if (step.step % config.checkpointEvery !== 0 && !last && !signal?.aborted) return
        await run.saveCheckpoint({
          step: step.step,
          state: { documents: step.documents, tokens, seconds: seconds() },
          keep: 2,
          write: (folder) => engine.save(folder, { optimizer: true }),
        })
      },
    })
    if (signal?.aborted) return undefined

    const set = pocketHeldOut('countdown', config.evaluation.questions)
    const model = { engine, tokenizer, maxPositions: shape.maxPositions, ...promptTemplate(tokenizer) }
    const measure = (temperature: number, topP: number, samples: number) =>
      measureModel(model, {
        set,
        samples,
        // The template and a question take less than 128 tokens.
        sampling: { temperature, topP, maxTokens: config.model.maxPositions - 128 },
        seed: config.seed,
        signal,
      })
    const { samples } = config.evaluation
    const sampled = await measure(1, 1, samples)
    const report = await measure(0.6, 0.95, samples)
    const greedy = await measure(0, 1, 1)
    if (sampled === undefined || report === undefined || greedy === undefined) return undefined
    const heldOut = { sampled: sampled.figures, report: report.figures, greedy: greedy.figures }
    await engine.save(join(run.folder, 'model'), { dtype: 'F16' })
    const result = {
      parameters: numParameters(shape),
      tokens,
      seconds: seconds(),
      corpus: await corpusFacts(config.corpus, config.seed, 20_000),
      heldOut,
    }
    await run.finish({ ...result })
    return result
  } finally {
    engine.close()
  }
}

function modelShape({ model }: PretrainRecipeConfig, vocabulary: number): DecoderConfig {
  const { architecture, numKeyValueHeads, deepseekV3, ...sizes } = model
  const shape = {
    ...sizes,
    vocabularySize: Math.ceil(vocabulary / 8) * 8,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10_000,
  }
  if (architecture !== 'deepseek_v3')
    return {
      ...shape,
      architecture,
      numKeyValueHeads,
      headSize: model.hiddenSize / model.numHeads,
      attentionBias: architecture === 'qwen2',
      tieEmbeddings: true,
    }
  const { queryRank, latentSize, plainHeadSize, rotaryHeadSize, valueHeadSize, numDenseLayers } = deepseekV3
  return {
    ...shape,
    architecture,
    ...(queryRank > 0 && { queryRank }),
    latentSize,
    plainHeadSize,
    rotaryHeadSize,
    valueHeadSize,
    interleavedRotary: true,
    numDenseLayers,
    experts: {
      routed: deepseekV3.experts,
      perToken: deepseekV3.expertsPerToken,
      shared: deepseekV3.sharedExperts,
      size: deepseekV3.expertSize,
      groups: deepseekV3.groups,
      groupsPerToken: deepseekV3.groupsPerToken,
      normalized: true,
      factor: deepseekV3.factor,
    },
    numPredictionModules: deepseekV3.predictionModules,
    tieEmbeddings: false,
  }
}
